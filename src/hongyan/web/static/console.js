// What the console does in the browser. Everything works without it except charts, copying, keys and files over 4 MB.
"use strict";
(function () {
  const root = document.documentElement;
  const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

  function remember(name, value) {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
  }

  // --- acts: data-act="…" names what a click does -----------------------------------------------------------------

  const acts = {
    theme() {
      root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
      remember("hongyan_theme", root.dataset.bsTheme);
      document.dispatchEvent(new Event("hongyan:theme"));
    },
    copy(button) {
      const source = document.getElementById(button.dataset.of);
      navigator.clipboard?.writeText(button.dataset.text ?? source.value ?? source.innerText);
      const label = button.querySelector("[data-label]");
      const before = label.textContent;
      label.textContent = button.dataset.done;
      button.toggleAttribute("data-copied", true);
      setTimeout(() => { label.textContent = before; button.removeAttribute("data-copied"); }, 1500);
    },
    ask(button) {
      document.getElementById(button.dataset.of).showModal();
    },
    close(button) {
      button.closest("dialog").close();
    },
    print() {
      window.print();
    },
    pause(button) {
      const part = document.getElementById(button.dataset.of);
      const isPaused = part.toggleAttribute("data-paused");
      button.querySelector("[data-label]").textContent = isPaused ? button.dataset.resume : button.dataset.pause;
      button.setAttribute("aria-pressed", isPaused);
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) {
      acts[button.dataset.act](button);
    }
  });

  // --- keys: / search, g and a letter to go, ? for help -------------------------------------------------------------

  let isGoing = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog[open]")) {
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("search")?.focus();
    } else if (event.key === "?") {
      document.getElementById("keys")?.showModal();
    } else if (isGoing) {
      document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
    }
    isGoing = event.key === "g" && !isGoing;
  });

  // --- parts that refresh themselves --------------------------------------------------------------------------------

  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["X-CSRF-Token"] = csrf;
  });

  // A part is left alone while nobody sees it, while it is paused, or while a dialog or a field in it is used.
  document.addEventListener("htmx:before:request", (event) => {
    const part = event.detail.ctx.sourceElement;
    if (!part.matches("[data-live]")) {
      return;
    }
    const isUsed = part.contains(document.activeElement) || part.querySelector("dialog[open], details[open]");
    if (document.hidden || part.hasAttribute("data-paused") || isUsed) {
      event.preventDefault();
    }
  });

  // --- large files: sent in parts before their form, with a bar of how far they are -----------------------------------

  const PART = 1024 * 1024;

  async function sendParts(form, file) {
    const bar = form.querySelector("[data-sending] progress");
    let name = "", parts = 0;
    for (; parts * PART < file.size; parts += 1) {
      const part = file.slice(parts * PART, (parts + 1) * PART);
      const asked = `${form.dataset.parts}?part=${parts}&name=${encodeURIComponent(name)}`;
      const answer = await fetch(asked, { method: "POST", headers: { "X-CSRF-Token": csrf }, body: part });
      if (!answer.ok) {
        throw new Error(answer.status);
      }
      name = await answer.text();
      bar.max = file.size;
      bar.value = parts * PART + part.size;
    }
    form.elements.upload.value = name;
    form.elements.parts.value = parts;
    form.elements.file.value = "";
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target, file = form.dataset.parts ? form.elements.file.files[0] : undefined;
    if (!file || file.size <= PART) {
      return;
    }
    event.preventDefault();
    const failed = form.querySelector("[data-unsent]"), sending = form.querySelector("[data-sending]");
    failed.hidden = true;
    sending.hidden = false;
    sendParts(form, file).catch(() => { failed.hidden = false; sending.hidden = true; });
  });

  // --- the calendar of fields for days and moments: fetched when one is clicked, or opened by the arrow downwards ----------

  function fetched(tag, facts) {
    return new Promise((resolve, reject) => {
      const file = Object.assign(document.createElement(tag), facts);
      file.addEventListener("load", resolve);
      file.addEventListener("error", reject);
      document.head.append(file);
    });
  }

  let calendar;
  async function openCalendar(input) {
    const { style, library } = document.querySelector('meta[name="calendar"]').dataset;
    calendar ??= Promise.all([fetched("link", { rel: "stylesheet", href: style }), fetched("script", { src: library })])
      .then(() => fetched("script", { src: document.querySelector('meta[name="calendar"]').content }));
    await calendar;
    window.openCalendar(input);
  }

  document.addEventListener("click", (event) => {
    if (event.target.matches("[data-calendar]:not([data-open])")) {
      openCalendar(event.target);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && event.target.matches("[data-calendar]:not([data-open])")) {
      event.preventDefault();
      openCalendar(event.target);
    }
  });

  // --- charts: <figure data-chart> holds its table, from which the lines are drawn ----------------------------------

  function numbersOf(table) {
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent.trim()));
    return { heads, rows };
  }

  // A click leads to the list of what the point counts, where its row of the table says one.
  function leading(chart, figure) {
    const hrefAt = (event) => {
      const at = [event.offsetX, event.offsetY];
      const row = chart.containPixel("grid", at) ? chart.convertFromPixel({ seriesIndex: 0 }, at)[0] : -1;
      return figure.querySelector("tbody").rows[row]?.dataset.href;
    };
    chart.getZr().on("click", (event) => {
      const href = hrefAt(event);
      if (href) {
        location.assign(href);
      }
    });
    chart.getZr().on("mousemove", (event) => chart.getZr().setCursorStyle(hrefAt(event) ? "pointer" : "default"));
    return chart;
  }

  function draw(figure) {
    const place = figure.querySelector("[data-canvas]");
    const { heads, rows } = numbersOf(figure.querySelector("table"));
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue(`--hongyan-${name}`).trim();
    const text = colour("chart-text");
    const chart = echarts.getInstanceByDom(place) ?? leading(echarts.init(place, null, { renderer: "svg" }), figure);
    const isBar = figure.dataset.chart === "bar";
    chart.setOption({
      animation: false,
      aria: { enabled: false },
      color: ["chart-1", "chart-2", "chart-3", "chart-4"].map(colour),
      textStyle: { fontFamily: style.getPropertyValue("--tblr-font-sans-serif"), color: text },
      legend: { top: 0, left: 0, textStyle: { color: text }, icon: "roundRect", itemWidth: 14, itemHeight: 8, itemGap: 8 },
      grid: { top: 40, left: 8, right: 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { lineStyle: { color: colour("chart-grid") } } },
      xAxis: {
        type: "category", data: rows.map((row) => row[0]), boundaryGap: isBar,
        axisLabel: { color: text }, axisLine: { lineStyle: { color: colour("chart-grid") } }, axisTick: { show: false },
      },
      yAxis: {
        type: "value", minInterval: 1,
        axisLabel: { color: text }, splitLine: { lineStyle: { color: colour("chart-grid") } },
      },
      series: heads.slice(1).map((name, at) => ({
        name, type: isBar ? "bar" : "line", stack: isBar ? "all" : undefined, smooth: 0.2, showSymbol: rows.length < 3, lineStyle: { width: 2 },
        areaStyle: at === 0 && !isBar ? { opacity: 0.08 } : undefined, data: rows.map((row) => Number(row[at + 1])),
      })),
    }, true);
  }

  function drawAll() {
    if (window.echarts) {
      document.querySelectorAll("figure[data-chart]").forEach(draw);
    }
  }

  // The program that draws is larger than all else: it is fetched once the page has been painted.
  function fetchCharts() {
    const program = document.querySelector('meta[name="charts"]');
    if (program) {
      const script = document.createElement("script");
      script.src = program.content;
      script.addEventListener("load", drawAll);
      document.head.append(script);
    }
  }

  requestAnimationFrame(() => setTimeout(fetchCharts));
  document.addEventListener("hongyan:theme", drawAll);
  document.addEventListener("htmx:after:swap", drawAll);
  let resized;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => {
      document.querySelectorAll("[data-canvas]").forEach((place) => window.echarts?.getInstanceByDom(place)?.resize());
    }, 100);
  });

  document.querySelector("dialog[data-open]")?.showModal();
  document.querySelector("aside .active")?.scrollIntoView({ block: "nearest" });
})();
