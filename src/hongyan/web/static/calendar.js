// The calendar of fields for days and moments. It is fetched with the library that draws it, when somebody first opens one.
"use strict";
(function () {
  const told = document.querySelector('meta[name="calendar"]').dataset;
  const open = new WeakMap();

  // China's day and time, whatever the clock of the browser says.
  function chinaNow() {
    return new Date(Date.now() + 8 * 3600_000).toISOString();
  }

  function optionsOf(input) {
    const isMoment = input.dataset.calendar === "moment";
    return {
      inputMode: true,
      openOnFocus: false,
      enableDateToggle: false,
      selectedWeekends: [],
      locale: told.locale,
      labels: JSON.parse(told.labels),
      themeAttrDetect: "html[data-bs-theme]",
      dateToday: chinaNow().slice(0, 10),
      selectionTimeMode: isMoment ? 24 : false,
      onShow() {
        input.dataset.open = "";
      },
      onHide() {
        delete input.dataset.open;
      },
      onChangeToInput(calendar) {
        const [day] = calendar.context.selectedDates;
        if (day) {
          input.value = isMoment ? `${day} ${calendar.context.selectedTime}` : day;
        }
      },
      onClickDate(calendar) {
        if (!isMoment) {
          calendar.hide();
        }
      },
    };
  }

  // What stands in the field is chosen, and else nothing: people may type, too.
  function chosen(input) {
    const [, day, time] = input.value.match(/^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}))?/) ?? [];
    const [year, month] = (day ?? chinaNow()).split("-").map(Number);
    return { selectedDates: day ? [day] : [], selectedYear: year, selectedMonth: month - 1, selectedTime: time ?? chinaNow().slice(11, 16) };
  }

  window.openCalendar = (input) => {
    if (!open.has(input)) {
      const made = new VanillaCalendarPro.Calendar(input, { ...optionsOf(input), ...chosen(input) });
      open.set(input, made);
      made.init();
    } else {
      open.get(input).set(chosen(input), { dates: true, month: true, year: true, time: true });
    }
    open.get(input).show();
  };
})();
