// An SMPP client: logs in, submits the texts, waits until every receipt has come, says goodbye. One line of JSON an event.
//   node client.js '{"port": 2775, "system_id": "u", "password": "p", "to": ["8613800138000"], "text": "…", "receipts": 1}'
'use strict';
const smpp = require('smpp');

const task = JSON.parse(process.argv[2]);
const tell = (event, facts) => process.stdout.write(JSON.stringify({ event, ...facts }) + '\n');
const text = (pdu) => (pdu.short_message.message === undefined ? pdu.short_message : pdu.short_message.message).toString();
let left = task.receipts;

const session = smpp.connect({ host: '127.0.0.1', port: task.port }, () => {
  session.bind_transceiver({ system_id: task.system_id, password: task.password }, (pdu) => {
    tell('bound', { status: pdu.command_status, version: pdu.sc_interface_version });
    if (pdu.command_status) return session.close();
    for (const to of task.to) {
      const fields = { source_addr: '10690000123', destination_addr: to, short_message: task.text, registered_delivery: 1 };
      session.submit_sm(fields, (answer) => tell('answered', { to, status: answer.command_status, id: answer.message_id }));
    }
  });
});
session.on('deliver_sm', (pdu) => {
  tell('delivered', {
    from: pdu.source_addr, to: pdu.destination_addr, kind: pdu.esm_class & 0x3c, text: text(pdu),
    id: pdu.receipted_message_id, state: pdu.message_state,
  });
  session.send(pdu.response());
  if (--left === 0) session.unbind(() => session.close());
});
session.on('enquire_link', (pdu) => session.send(pdu.response()));
session.on('error', (error) => tell('error', { text: String(error) }));
session.on('close', () => tell('closed', {}));
