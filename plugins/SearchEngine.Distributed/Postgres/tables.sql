-- The cluster's tables: collections, their logs, snapshots, placement. One database holds one cluster.
create schema searchengine;

create table searchengine.format (version integer not null);
insert into searchengine.format values (1);

create table searchengine.collections (
  id uuid primary key,
  name text not null unique,
  schema text not null,
  shards integer not null check (shards > 0),
  created timestamptz not null default clock_timestamp()
);

-- One row a shard: the last position given, and the last one trimmed with the id that stood there. The row's lock is what makes entries
-- visible in the order of their positions: who has it commits before the next one gets a position.
create table searchengine.heads (
  collection uuid not null,
  shard integer not null,
  head bigint not null default 0,
  trimmed bigint not null default 0,
  trimmed_id uuid not null default '00000000-0000-0000-0000-000000000000',
  primary key (collection, shard)
) with (fillfactor = 50);

create table searchengine.entries (
  collection uuid not null,
  shard integer not null,
  position bigint not null,
  id uuid not null,
  appended timestamptz not null default clock_timestamp(),
  body bytea not null,
  primary key (collection, shard, position),
  unique (collection, shard, id)
);
-- Vectors do not get smaller by compression.
alter table searchengine.entries alter column body set storage external;

-- Appends entries, all or none; what is there under its id keeps its position. Every statement below sees what others have committed before
-- the heads were locked. The heads are written in any case: only a transaction that writes waits for the standby, and one that finds its
-- entry there must not say so before the standby has it.
create function searchengine.append(collections uuid[], shards integer[], ids uuid[], bodies bytea[])
returns table (ordinal bigint, "position" bigint) language plpgsql as $$
declare
  missing text;
begin
  perform 1 from searchengine.heads h
    where (h.collection, h.shard) in (select g.c, g.s from unnest(collections, shards) as g(c, s))
    order by h.collection, h.shard
    for update;
  select g.c || '/' || g.s into missing from unnest(collections, shards) as g(c, s)
    where not exists (select 1 from searchengine.heads h where h.collection = g.c and h.shard = g.s)
    limit 1;
  if missing is not null then
    raise exception 'no shard %', missing using errcode = 'SE001';
  end if;
  insert into searchengine.entries (collection, shard, position, id, body)
    select n.c, n.s, h.head + row_number() over (partition by n.c, n.s order by n.o), n.i, n.b
    from (
      select distinct on (g.c, g.s, g.i) g.c, g.s, g.i, g.b, g.o
      from unnest(collections, shards, ids, bodies) with ordinality as g(c, s, i, b, o)
      where not exists (
        select 1 from searchengine.entries e where e.collection = g.c and e.shard = g.s and e.id = g.i)
      order by g.c, g.s, g.i, g.o
    ) n
    join searchengine.heads h on h.collection = n.c and h.shard = n.s;
  update searchengine.heads h
    set head = coalesce(
      (select max(e.position) from searchengine.entries e where e.collection = h.collection and e.shard = h.shard), h.head)
    where (h.collection, h.shard) in (select g.c, g.s from unnest(collections, shards) as g(c, s));
  return query
    select g.o, e.position
    from unnest(collections, shards, ids) with ordinality as g(c, s, i, o)
    join searchengine.entries e on e.collection = g.c and e.shard = g.s and e.id = g.i
    order by g.o;
end $$;

-- Snapshots of shards, whole when complete; what a keeper that died left is removed a day later.
create table searchengine.snapshots (
  id uuid primary key,
  collection uuid not null,
  shard integer not null,
  position bigint not null,
  entry uuid not null,
  bytes bigint,
  chunks integer,
  complete boolean not null default false,
  taken timestamptz not null default clock_timestamp()
);
create index on searchengine.snapshots (collection, shard, position desc);

create table searchengine.snapshot_chunks (
  snapshot uuid not null references searchengine.snapshots on delete cascade,
  ordinal integer not null,
  body bytea not null,
  primary key (snapshot, ordinal)
);
alter table searchengine.snapshot_chunks alter column body set storage external;

-- Who belongs to the cluster and what it is to hold, changed only by whoever knows the epoch that it changes.
create table searchengine.placement (
  one boolean primary key default true check (one),
  epoch bigint not null,
  map text not null
);
insert into searchengine.placement (epoch, map) values (0, '{}');

-- What silos say of their replicas, each of its own.
create table searchengine.replicas (
  silo text not null,
  collection uuid not null,
  shard integer not null,
  position bigint not null,
  serving boolean not null,
  bytes bigint not null,
  fault text,
  reported timestamptz not null default clock_timestamp(),
  primary key (collection, shard, silo)
);

-- When each silo last said anything.
create table searchengine.silos (
  silo text primary key,
  reported timestamptz not null default clock_timestamp()
);
