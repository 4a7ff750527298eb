// What imapflow sees of a claimqd over TLS. Usage: node imapflow.mjs SCENARIO, with the server in the environment.
// Exits with 0 when everything held.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';

const { IMAP_PORT, IMAP_USER, IMAP_PASSWORD, IMAP_CA, IMAP_SECURE, IMAP_MAILBOX } = process.env;

async function connect(options = {}) {
  const client = new ImapFlow({
    host: 'localhost',
    port: Number(IMAP_PORT),
    secure: IMAP_SECURE === 'yes',
    doSTARTTLS: IMAP_SECURE !== 'yes',
    tls: { ca: readFileSync(IMAP_CA) },
    auth: { user: IMAP_USER, pass: IMAP_PASSWORD },
    logger: false,
    ...options,
  });
  await client.connect();
  // imapflow puts the prefix of the personal namespace, INBOX/, before every name: queues stand in the shared one.
  client.namespace.prefix = '';
  return client;
}

const mail = (subject) => `From: a@example.org\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.org>\r\n\r\nbody of ${subject}\r\n`;

const scenarios = {
  async idle() {
    const [reader, writer] = [await connect(), await connect()];
    await reader.mailboxOpen(IMAP_MAILBOX);
    const idling = reader.idle();
    const { uid } = await writer.append(IMAP_MAILBOX, mail('wakes'));
    if (reader.mailbox.exists === 0) await once(reader, 'exists');
    assert.equal(reader.mailbox.exists, 1);
    const flagged = once(reader, 'flags');
    await writer.mailboxOpen(IMAP_MAILBOX);
    await writer.messageFlagsAdd(String(uid), ['\\Flagged'], { uid: true });
    const [change] = await flagged;
    assert.equal(change.seq, 1);
    assert.ok(change.flags.has('\\Flagged'));
    const gone = once(reader, 'expunge');
    await writer.messageDelete(String(uid), { uid: true });
    await gone;
    assert.equal(reader.mailbox.exists, 0);
    await reader.noop();
    await idling;
    return [reader, writer];
  },

  async qresync() {
    const writer = await connect();
    for (const name of ['one', 'two', 'three', 'four']) await writer.append(IMAP_MAILBOX, mail(name));
    let reader = await connect({ qresync: true });
    assert.ok(reader.enabled.has('QRESYNC'));
    const { uidValidity, highestModseq } = await reader.mailboxOpen(IMAP_MAILBOX);
    const known = await reader.fetchAll('1:*', { uid: true }, {});
    await reader.logout();

    await writer.mailboxOpen(IMAP_MAILBOX);
    await writer.messageDelete(String(known[1].uid), { uid: true });
    await writer.messageFlagsAdd(String(known[2].uid), ['\\Seen'], { uid: true });

    reader = await connect({ qresync: true });
    const vanished = [];
    reader.on('expunge', (event) => vanished.push(event));
    const changed = [];
    reader.on('flags', (event) => changed.push(event));
    const opened = await reader.mailboxOpen(IMAP_MAILBOX, { uidValidity, changedSince: highestModseq });
    assert.equal(opened.qresync, true);
    assert.deepEqual(vanished.map((event) => [event.uid, event.earlier]), [[known[1].uid, true]]);
    assert.deepEqual(changed.map((event) => event.uid), [known[2].uid]);
    assert.equal(opened.exists, 3);
    return [reader, writer];
  },

  // Ten workers want each of five messages: each message goes to exactly one.
  async claim() {
    const writer = await connect();
    for (let number = 0; number < 5; number++) await writer.append(IMAP_MAILBOX, mail(`job-${number}`));
    const workers = await Promise.all(Array.from({ length: 10 }, () => connect()));
    const seen = [];
    for (const worker of workers) {
      await worker.mailboxOpen(IMAP_MAILBOX);
      seen.push(await worker.fetchAll('1:*', { uid: true }, {}));
    }
    const wins = await Promise.all(workers.map((worker, index) => winners(worker, seen[index])));
    assert.equal(wins.flat().length, 5);
    assert.equal(new Set(wins.flat()).size, 5);
    for (const uids of wins.filter((won) => won.length > 0)) await workers[wins.indexOf(uids)].messageDelete(uids.join(), { uid: true });
    await writer.mailboxOpen(IMAP_MAILBOX);
    assert.equal(writer.mailbox.exists, 0);
    return [writer, ...workers];
  },
};

// The UIDs that a worker wins by a conditional STORE. messageFlagsAdd() keeps the response code for itself, and only the
// code tells who lost: OK [MODIFIED uid].
async function winners(worker, messages) {
  const won = [];
  const exec = worker.exec.bind(worker);
  let answer;
  worker.exec = async (...request) => (answer = await exec(...request));
  for (const { uid, modseq } of messages) {
    assert.ok(await worker.messageFlagsAdd(String(uid), ['\\Claimed'], { uid: true, unchangedSince: modseq }));
    const code = answer.response.attributes[0]?.section?.[0]?.value;
    assert.ok(code === undefined || code === 'MODIFIED', code);
    if (code === undefined) won.push(uid);
  }
  worker.exec = exec;
  return won;
}

const clients = await scenarios[process.argv[2]]();
await Promise.all(clients.map((client) => client.logout()));
