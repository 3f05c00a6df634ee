// An SMPP message centre: any transceiver may come in; ids in hex, receipts in decimal; texts from handsets on demand.
//   node server.js '{"password": "p"}'    and on stdin, a line each: {"from": "86138…", "to": "1069…", "text": "…"}
// One line of JSON an event; the first one tells the port.
'use strict';
const readline = require('readline');
const smpp = require('smpp');

const task = JSON.parse(process.argv[2]);
const tell = (event, facts) => process.stdout.write(JSON.stringify({ event, ...facts }) + '\n');
const text = (pdu) => (pdu.short_message.message === undefined ? pdu.short_message : pdu.short_message.message).toString();
const bound = new Set();
let next = 0x5f3a9c00;

function receipt(pdu, id) {
  const words = `id:${id} sub:001 dlvrd:001 submit date:2611210930 done date:2611210931 stat:DELIVRD err:000 text:`;
  return {
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, data_coding: 0, short_message: words,
  };
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => {
    const status = pdu.password === task.password ? 0 : smpp.ESME_RINVPASWD;
    tell('bind', { system_id: pdu.system_id, status });
    session.send(pdu.response({ command_status: status, system_id: 'node', sc_interface_version: 0x34 }));
    if (status) return session.close();
    bound.add(session);
  });
  session.on('submit_sm', (pdu) => {
    const id = ++next;
    const udh = pdu.short_message.udh;
    tell('submit', {
      from: pdu.source_addr, to: pdu.destination_addr, text: text(pdu), coding: pdu.data_coding, esm_class: pdu.esm_class,
      udh: udh === undefined ? null : Buffer.concat([].concat(udh)).toString('hex'),
    });
    session.send(pdu.response({ message_id: id.toString(16) }));
    if (pdu.registered_delivery & 1) session.deliver_sm(receipt(pdu, id), (answer) => tell('taken', { status: answer.command_status }));
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    tell('unbind', {});
    session.send(pdu.response());
    session.close();
  });
  session.on('close', () => bound.delete(session));
  session.on('error', (error) => tell('error', { text: String(error) }));
});

server.listen(0, '127.0.0.1', () => tell('listening', { port: server.address().port }));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const said = JSON.parse(line);
  for (const session of bound) {
    const fields = { source_addr: said.from, destination_addr: said.to, data_coding: 8, short_message: said.text };
    session.deliver_sm(fields, (answer) => tell('taken', { status: answer.command_status }));
  }
}).on('close', () => process.exit(0));
