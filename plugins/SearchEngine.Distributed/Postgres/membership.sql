-- What Orleans asks of a membership table over ADO.NET: it finds the statements by their keys in orleansquery, and gives parameters and takes
-- columns by name. A change of a silo's row counts only together with the step of the table's version.
create table searchengine.orleansquery (querykey text primary key, querytext text not null);

create table searchengine.orleansmembershipversiontable (
  deploymentid text primary key,
  timestamp timestamptz not null default clock_timestamp(),
  version integer not null default 0
);

create table searchengine.orleansmembershiptable (
  deploymentid text not null references searchengine.orleansmembershipversiontable,
  address text not null,
  port integer not null,
  generation integer not null,
  siloname text not null,
  hostname text not null,
  status integer not null,
  proxyport integer,
  suspecttimes text,
  starttime timestamptz not null,
  iamalivetime timestamptz not null,
  primary key (deploymentid, address, port, generation)
);

insert into searchengine.orleansquery (querykey, querytext) values
('InsertMembershipVersionKey', $q$
  with made as (
    insert into searchengine.orleansmembershipversiontable (deploymentid) values (@DeploymentId)
    on conflict do nothing returning 1)
  select count(*)::integer from made
$q$),
('InsertMembershipKey', $q$
  with stepped as (
    update searchengine.orleansmembershipversiontable v set timestamp = clock_timestamp(), version = v.version + 1
    where v.deploymentid = @DeploymentId and v.version = @Version and not exists (
      select 1 from searchengine.orleansmembershiptable m
      where m.deploymentid = @DeploymentId and m.address = @Address and m.port = @Port and m.generation = @Generation)
    returning 1),
  made as (
    insert into searchengine.orleansmembershiptable
      (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
    select @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    from stepped returning 1)
  select count(*)::integer from made
$q$),
('UpdateMembershipKey', $q$
  with stepped as (
    update searchengine.orleansmembershipversiontable v set timestamp = clock_timestamp(), version = v.version + 1
    where v.deploymentid = @DeploymentId and v.version = @Version returning 1),
  changed as (
    update searchengine.orleansmembershiptable m
    set status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
    from stepped
    where m.deploymentid = @DeploymentId and m.address = @Address and m.port = @Port and m.generation = @Generation
    returning 1)
  select count(*)::integer from changed
$q$),
('UpdateIAmAlivetimeKey', $q$
  update searchengine.orleansmembershiptable set iamalivetime = @IAmAliveTime
  where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$q$),
('MembershipReadRowKey', $q$
  select v.deploymentid, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime,
    m.iamalivetime, v.version
  from searchengine.orleansmembershipversiontable v
  left join searchengine.orleansmembershiptable m
    on m.deploymentid = v.deploymentid and m.address = @Address and m.port = @Port and m.generation = @Generation
  where v.deploymentid = @DeploymentId
$q$),
('MembershipReadAllKey', $q$
  select v.deploymentid, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime,
    m.iamalivetime, v.version
  from searchengine.orleansmembershipversiontable v
  left join searchengine.orleansmembershiptable m on m.deploymentid = v.deploymentid
  where v.deploymentid = @DeploymentId
$q$),
('GatewaysQueryKey', $q$
  select address, proxyport, generation from searchengine.orleansmembershiptable
  where deploymentid = @DeploymentId and status = @Status and proxyport > 0
$q$),
('DeleteMembershipTableEntriesKey', $q$
  with silos as (delete from searchengine.orleansmembershiptable where deploymentid = @DeploymentId)
  delete from searchengine.orleansmembershipversiontable where deploymentid = @DeploymentId
$q$),
('CleanupDefunctSiloEntriesKey', $q$
  delete from searchengine.orleansmembershiptable where deploymentid = @DeploymentId and iamalivetime < @IAmAliveTime and status <> 3
$q$);
