// The cluster: its silos, and which of them serves which shard, how far behind the log. Looked at again as long as it is shown.

import { call, Problem } from "./api.js";
import { bytes, find, make, table } from "./dom.js";

const pause = 2000;
const dash = "—";
let watch = null;
const bodies = new Map();

const count = (number, one, many = one + "s") => `${number.toLocaleString()} ${number === 1 ? one : many}`;

function stateOf(replica) {
  const states = { silent: "silent", faulted: "cannot go on: " + replica.fault, catchingUp: "catching up", serving: "serves" };
  return states[replica.state] + (replica.leaving ? ", is leaving" : "");
}

function summaryOf(cluster) {
  const away = cluster.shards.filter((shard) => !shard.settled).length;
  const standbys = cluster.standbys !== null && cluster.standbys < cluster.expectedStandbys;
  return (
    `${count(cluster.silos.length, "silo")}, ${count(cluster.shards.length, "shard")}, ` +
    (away === 0 ? "every one where it belongs." : `${away} not where ${away === 1 ? "it belongs" : "they belong"}.`) +
    (standbys ? ` PostgreSQL has ${count(cluster.standbys, "synchronous standby", "synchronous standbys")}: what is acknowledged is on ${cluster.standbys === 0 ? "one server alone" : "fewer servers than expected"}.` : "")
  );
}

const cells = (...texts) => texts.map((text) => make("td", {}, text));
const stateCell = (text, isWell) => make("td", { className: isWell ? "" : "unwell" }, text);

const siloRow = (silo) =>
  make("tr", {}, make("th", { scope: "row" }, silo.name), stateCell(silo.alive ? silo.state : silo.state + ", silent", silo.alive && silo.state !== "waiting"), ...cells(silo.replicas.toLocaleString(), bytes(silo.diskBytes)));

// A row for each replica there is or is to be; the shard's own cells stand in front of all of them.
function shardRows(shard) {
  const rows = [
    ...shard.replicas.map((replica) => [
      ...cells(replica.silo, replica.position.toLocaleString(), replica.lag.toLocaleString()),
      stateCell(stateOf(replica), replica.state === "serving" && !replica.leaving),
      ...cells(bytes(replica.diskBytes)),
    ]),
    ...shard.awaited.map((silo) => [...cells(silo, dash, dash), stateCell("is to come", false), ...cells(dash)]),
  ];
  if (rows.length === 0) rows.push([...cells(dash, dash, dash), stateCell("no silo holds it", false), ...cells(dash)]);
  const own = [make("th", { scope: "row", rowSpan: rows.length }, String(shard.shard)), make("td", { rowSpan: rows.length }, shard.head.toLocaleString())];
  return rows.map((row, index) => make("tr", {}, ...(index === 0 ? own : []), ...row));
}

// Tables stay where they are, with the focus and how far they are scrolled; their rows are made anew.
function show(cluster) {
  const collections = Map.groupBy(cluster.shards, (shard) => shard.collection);
  const titles = ["", ...collections.keys()];
  if (titles.length !== bodies.size || titles.some((title) => !bodies.has(title))) {
    bodies.clear();
    const tables = titles.map((title) => {
      const heads = title === "" ? ["Silo", "State", "Replicas", "On disk"] : ["Shard", "Log at", "Silo", "Position", "Behind", "State", "On disk"];
      const made = table(title === "" ? "Silos" : `Collection ${title}`, heads);
      bodies.set(title, made.body);
      return made.whole;
    });
    find("view-cluster").replaceChildren(...tables);
  }
  bodies.get("").replaceChildren(...cluster.silos.map(siloRow));
  for (const [name, shards] of collections) bodies.get(name).replaceChildren(...shards.flatMap(shardRows));
}

export function leaveCluster() {
  watch = null;
}

// Shows the cluster until it is left. What fails is told; what may pass is tried again.
export async function watchCluster(say, tell) {
  const mine = (watch = {});
  let said = "";
  while (watch === mine) {
    try {
      const cluster = await call("GET", "/cluster");
      if (watch !== mine) return;
      show(cluster);
      const summary = summaryOf(cluster);
      // Said once: who listens to the page is not told the same every two seconds.
      if (summary !== said) say(summary);
      said = summary;
    } catch (error) {
      if (watch !== mine) return;
      tell(error);
      said = "";
      if (error instanceof Problem && error.status < 500) return;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
