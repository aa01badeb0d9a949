// Sends one night of readings to SimKeep: any AMQP 0-9-1 client can. It knows asyncapi.json and nothing else of us.
//
//   npm ci && node night.mjs < night.jsonl        one reading (an object, see asyncapi.json) a line
//
// SIMKEEP_AMQP_URL and SIMKEEP_ACTOR_PRIVATE_KEY as `./simkeep issuer add` printed them; SIMKEEP_UNIT: for whose units
// it speaks. Prints the sums of the answers as JSON. Exits with 1 when SimKeep refuses.

import { createHash, createPrivateKey, randomUUID, sign } from "node:crypto";
import { createInterface } from "node:readline";
import amqp from "amqplib";

const EXCHANGE = "nameko-rpc";
const METHOD = "binding.report_readings";
const MAX_ROWS = 5000;
const TIMEOUT_MS = 60_000;

const url = process.env.SIMKEEP_AMQP_URL;
const account = decodeURIComponent(new URL(url).username);
const key = createPrivateKey(Buffer.from(process.env.SIMKEEP_ACTOR_PRIVATE_KEY, "base64"));
const unit = process.env.SIMKEEP_UNIT;

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const part = (object) => Buffer.from(JSON.stringify(object)).toString("base64url");

// A JWT (EdDSA) that is good for this one call: it carries the digest of all that makes the call.
function token(body, callId, replyTo, commandId) {
  const call = sha256(JSON.stringify([METHOD, callId, replyTo, commandId, callId, "", sha256(body)]));
  const claims = { iss: account, sub: "night", name: account, unit, permissions: [], exp: Date.now() / 1000 + 60, call };
  const signed = `${part({ alg: "EdDSA", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString("base64url")}`;
}

const connection = await amqp.connect(url, { heartbeat: 30 });
const channel = await connection.createConfirmChannel();
const caller = randomUUID();
const replyTo = `reply.${account}.${caller}`;
const queue = `rpc.reply-${account}-${caller}`;
const waiting = new Map();
await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false });
await channel.bindQueue(queue, EXCHANGE, replyTo);
await channel.consume(queue, (message) => waiting.get(message.properties.correlationId)?.(message.content), { noAck: true });

// One call, with the command's id: the same id again is answered again and done once.
async function call(rows, commandId) {
  const body = Buffer.from(JSON.stringify({ args: [{ rows }], kwargs: {} }));
  const callId = randomUUID();
  const answer = new Promise((resolve, reject) => {
    waiting.set(callId, resolve);
    setTimeout(() => reject(new Error("not answered")), TIMEOUT_MS).unref();
  });
  channel.publish(EXCHANGE, METHOD, body, {
    contentType: "application/json",
    persistent: true,
    replyTo,
    correlationId: callId,
    userId: account,
    expiration: String(TIMEOUT_MS),
    headers: {
      "nameko.actor": token(body, callId, replyTo, commandId),
      "nameko.correlation_id": callId,
      "nameko.command_id": commandId,
      "nameko.deadline": Date.now() / 1000 + TIMEOUT_MS / 1000,
    },
  });
  await channel.waitForConfirms();
  const { result, error } = JSON.parse(await answer);
  waiting.delete(callId);
  if (error) throw new Error(error.exc_args.slice(0, 2).join(": "));
  return result;
}

const sums = { taken: 0, repeated: 0, changed: 0, refused: 0 };

async function report(rows) {
  const answer = await call(rows, randomUUID());
  for (const name of ["taken", "repeated", "changed"]) sums[name] += answer[name];
  sums.refused += answer.refused.length;
  await new Promise((resolve) => setTimeout(resolve, answer.pause_ms));
}

let batch = [];
try {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim()) batch.push(JSON.parse(line));
    if (batch.length === MAX_ROWS) await report(batch.splice(0));
  }
  if (batch.length) await report(batch);
  console.log(JSON.stringify(sums));
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  await connection.close().catch(() => {});
}
