// LanceDB in a process of its own, driven as ContenderServer.cs drives the others: a line of JSON asks, a line answers.
//   node lancedb.mjs serve|first DATA DATABASE PEERS
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { createRequire } from 'node:module';

// Its own warnings about columns and centroids, one a query, are not errors.
process.env.LANCEDB_LOG ??= 'error';
process.env.LANCE_LOG ??= 'error';
const [mode, dataDirectory, database, peers] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(peers), 'package.json'));
const lancedb = require('@lancedb/lancedb');
const hits = 10, batch = 1000, spare = 1000;
// Settings of increasing recall: partitions probed, width of the beam, how many times the hits are read in full precision.
const efforts = [
  [1, 20, 1], [2, 20, 2], [4, 30, 2], [8, 30, 3], [8, 64, 5], [16, 64, 5], [16, 128, 10], [32, 128, 10], [64, 200, 20],
];
let table, fusion;

function vectors(file, first) {
  const bytes = fs.readFileSync(path.join(dataDirectory, file));
  const dimension = bytes.readInt32LE(0), row = 4 * (dimension + 1), rows = first ? 1 : bytes.length / row;
  const values = new Float32Array(rows * dimension), all = new Uint8Array(values.buffer);
  for (let i = 0; i < rows; i++) all.set(bytes.subarray(i * row + 4, (i + 1) * row), i * 4 * dimension);
  return { values, dimension };
}

const lines = file => fs.readFileSync(path.join(dataDirectory, file), 'utf8').split('\n').filter(line => line.length > 0);

async function open() {
  table = await (await lancedb.connect(database)).openTable('passages');
}

async function search(vector, text, below, effort) {
  let query = vector ? table.query().nearestTo(vector) : table.query().fullTextSearch(text, { columns: ['text'] });
  if (vector) {
    const [probes, ef, refine] = efforts[effort];
    query = query.column('vector').distanceType('cosine').nprobes(probes).ef(ef);
    if (refine > 1) query = query.refineFactor(refine);
  }
  if (vector && text) query = query.fullTextSearch(text, { columns: ['text'] }).rerank(fusion ??= await lancedb.rerankers.RRFReranker.create(60));
  if (below) query = query.where(`bucket < ${below}`);
  const found = await query.select(vector && !text ? ['id', 'text', '_distance'] : vector ? ['id', 'text'] : ['id', 'text', '_score']).limit(hits).toArray();
  return found.map(row => {
    if (typeof row.text !== 'string') throw new Error(`Record ${row.id} has no text.`);
    return row.id;
  });
}

if (mode === 'first') {
  const { values } = vectors('query.fvecs', true);
  await open();
  console.log(`${(await search(values, null, null, efforts.length >> 1)).length} hits`);
  process.exit(0);
}

const arrow = require('apache-arrow');
const base = vectors('base.fvecs'), queries = vectors('query.fvecs');
const texts = lines('texts.txt'), sentences = lines('sentences.txt'), words = lines('words.txt');
const count = texts.length - spare;
const query = i => queries.values.subarray(i * queries.dimension, (i + 1) * queries.dimension);

// Arrow's columns made straight from the arrays: objects would be converted value by value.
function records(from, n) {
  const ids = Int32Array.from({ length: n }, (_, i) => from + i);
  const buckets = ids.map(id => (id * 7919) % 1000);
  const type = new arrow.FixedSizeList(base.dimension, new arrow.Field('item', new arrow.Float32(), true));
  const values = arrow.makeData({ type: new arrow.Float32(), data: base.values.subarray(from * base.dimension, (from + n) * base.dimension) });
  return new arrow.Table({
    id: arrow.vectorFromArray(ids, new arrow.Int32()),
    text: arrow.vectorFromArray(texts.slice(from, from + n), new arrow.Utf8()),
    bucket: arrow.vectorFromArray(buckets, new arrow.Int32()),
    vector: arrow.makeVector(arrow.makeData({ type, length: n, child: values })),
  });
}

async function ingest() {
  const connection = await lancedb.connect(database);
  table = await connection.createTable('passages', records(0, Math.min(batch, count)));
  for (let from = batch; from < count; from += batch) await table.add(records(from, Math.min(batch, count - from)));
  await table.createIndex('vector', { config: lancedb.Index.hnswSq({ distanceType: 'cosine', m: 16, efConstruction: 200 }) });
  await table.createIndex('text', { config: lancedb.Index.fts({ withPosition: false, stem: true, removeStopWords: true }) });
  await table.createIndex('bucket', { config: lancedb.Index.btree() });
  await table.optimize({ cleanupOlderThan: new Date() });
}

async function times(n, run) {
  const ms = [];
  for (let i = 0; i < n; i++) {
    const start = performance.now();
    await run(i);
    ms.push(performance.now() - start);
  }
  return { ms };
}

const kinds = {
  vector: (i, effort) => search(query(i), null, null, effort),
  sentence: (i, effort) => search(null, sentences[i], null, effort),
  words: (i, effort) => search(null, words[i], null, effort),
  hybrid: (i, effort) => search(query(i), sentences[i], null, effort),
  few: (i, effort) => search(query(i), null, 5, effort),
  half: (i, effort) => search(query(i), null, 500, effort),
};

async function answer(request) {
  const { op, from = 0, count: n = 0 } = request;
  switch (op) {
    case 'ingest': {
      await ingest();
      const { user, system } = process.cpuUsage();
      return { cpu: (user + system) / 1e6, peakMB: Math.round(process.resourceUsage().maxRSS / 1024) };
    }
    case 'open':
      await open();
      return { efforts: efforts.length };
    case 'search': {
      const ids = [], ms = [], start = performance.now();
      let next = 0;
      await Promise.all(Array.from({ length: request.readers }, async () => {
        for (let i = next++; i < n; i = next++) {
          const began = performance.now();
          ids[i] = await kinds[request.kind](from + i, request.effort);
          ms[i] = performance.now() - began;
        }
      }));
      return { seconds: (performance.now() - start) / 1000, ms, ids };
    }
    case 'write':
      return await times(n, i => table.add(records(from + i, 1)));
    case 'searchAfterWrite': {
      const ms = [];
      for (let i = 0; i < n; i++) {
        await table.add(records(from + i, 1));
        ms.push(...(await times(1, () => search(null, words[i], null, 0))).ms);
      }
      return { ms };
    }
    // What was inserted is put into the indexes, as the others do by themselves.
    case 'insert':
      return await times(1, async () => {
        await table.add(records(from, n));
        await table.optimize();
      });
    case 'delete':
      return await times(1, () => table.delete(`id >= ${from} AND id < ${from + n}`));
    default:
      throw new Error(`'${op}' is no operation.`);
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(JSON.parse(line))));
