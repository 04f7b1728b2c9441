using SearchEngine.Reading;
using SearchEngine.Sharding;

namespace SearchEngine.Writing;

/// <summary>A batch that was decided: what is logged, and what it comes to.</summary>
internal sealed record PlannedBatch(List<LogOperation> Logged, WriteResult Result);

/// <summary>
/// Decides batches where they are carried out, in the write loop: expected versions, conditions and patches are held against the records
/// as they are then; ordinals are given out. For the write loop alone.
/// </summary>
internal sealed class BatchPlanner(
    CollectionSchema schema,
    KeyDirectory keys,
    MetadataDirectory metadata,
    RecordReader records,
    OrdinalAllocator ordinals,
    CollectionErrors errors
)
{
    /// <summary>Plans a batch after those that the group holds already.</summary>
    /// <exception cref="SearchDatabaseException">An expected version does not hold, or a record cannot be read: the group is as it
    /// was.</exception>
    public PlannedBatch Plan(GroupPlan group, IReadOnlyList<PreparedOperation> operations, RecordVersion version, WriteStamp? stamp = null)
    {
        version = stamp?.Version ?? version;
        CheckVersions(group, operations);
        group.BeginBatch();
        try
        {
            var tally = new Tally();
            var logged = new List<LogOperation>(operations.Count);
            foreach (var operation in operations)
            {
                if (Plan(group, operation, version, ref tally) is { } log)
                    logged.Add(log);
            }

            var result = new WriteResult(tally.Inserted, tally.Updated, tally.Deleted, 0)
            {
                NotFound = tally.NotFound,
                Version = tally.Inserted + tally.Updated > 0 ? version : RecordVersion.None,
            };
            foreach (var (name, value) in stamp?.Metadata(result) ?? [])
            {
                group.SetMetadata(name, value, metadata.Stored);
                logged.Add(new LogOperation(WriteOperationKind.SetMetadata, [], -1, -1, [], [], name, value));
            }

            return new PlannedBatch(logged, result);
        }
        catch
        {
            group.TakeBackBatch(ordinals);
            throw;
        }
    }

    private void CheckVersions(GroupPlan group, IReadOnlyList<PreparedOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Expected is not { } expected)
                continue;
            var state = StateOf(group, operation);
            var found =
                state.Ordinal < 0 ? RecordVersion.None
                : state.Record is not null ? state.Version
                : records.ReadHead(state.Ordinal).Version;
            if (found != expected)
                throw errors.Conflict(operation.Key, expected, found);
        }
    }

    private LogOperation? Plan(GroupPlan group, PreparedOperation operation, RecordVersion version, ref Tally tally)
    {
        if (operation.Kind == WriteOperationKind.SetMetadata)
        {
            group.SetMetadata(operation.MetadataName!, operation.MetadataValue, metadata.Stored);
            return new LogOperation(WriteOperationKind.SetMetadata, [], -1, -1, [], [], operation.MetadataName, operation.MetadataValue);
        }

        var state = StateOf(group, operation);
        if (operation.Condition is { } condition && !Holds(condition, state))
            return null;
        switch (operation.Kind)
        {
            case WriteOperationKind.Delete:
                if (state.Ordinal >= 0)
                    tally.Deleted++;
                group.SetKey(operation.Key, state with { Ordinal = -1, Record = null });
                return new LogOperation(WriteOperationKind.Delete, operation.EncodedKey, -1, state.Ordinal, [], [], null, null);
            case WriteOperationKind.Patch when state.Ordinal < 0:
                tally.NotFound++;
                return null;
            case WriteOperationKind.Patch:
            case WriteOperationKind.Merge when state.Ordinal >= 0:
                tally.Updated++;
                return Upsert(group, operation, Merge(operation, state), state, version);
            default:
                if (state.Ordinal >= 0)
                    tally.Updated++;
                else
                    tally.Inserted++;
                return Upsert(group, operation, (operation.Record, operation.Values, operation.Vectors), state, version);
        }
    }

    private LogOperation Upsert(
        GroupPlan group,
        PreparedOperation operation,
        (byte[] Record, object?[] Values, float[]?[] Vectors) content,
        KeyState state,
        RecordVersion version
    )
    {
        DocumentCodec.SetVersion(content.Record, version);
        var record = new NewRecord(ordinals.Take(), content.Record, content.Values, content.Vectors);
        group.SetKey(operation.Key, state with { Ordinal = record.Ordinal, Record = record, Version = version });
        return new LogOperation(
            WriteOperationKind.Upsert,
            operation.EncodedKey,
            record.Ordinal,
            state.Ordinal,
            record.Record,
            record.Vectors,
            null,
            null
        );
    }

    /// <summary>The whole record that a patch comes to: logged as such, so that a replay needs nothing else.</summary>
    private (byte[] Record, object?[] Values, float[]?[] Vectors) Merge(PreparedOperation patch, KeyState state)
    {
        var values = state.Record?.Values ?? records.Values(records.Read(state.Ordinal, includeVectors: false));
        var merged = new object?[schema.Fields.Count];
        for (var i = 0; i < merged.Length; i++)
            merged[i] = patch.Mask!.Fields[i] ? patch.Values[i] : values[i];
        var vectors = new float[]?[schema.Vectors.Count];
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] =
                patch.Mask!.Vectors[i] ? patch.Vectors[i]
                : state.Record is { } record ? record.Vectors[i]
                : records.ReadVector(state.Ordinal, i);
        }
        var writer = new ByteWriter();
        DocumentCodec.Write(writer, schema, patch.EncodedKey, merged);
        return (writer.ToArray(), merged, vectors);
    }

    /// <summary>Whether the record is the one that matched, or one that matches.</summary>
    private bool Holds(MatchCondition condition, KeyState state)
    {
        if (state.Ordinal < 0)
            return false;
        if (state.Ordinal == condition.Ordinal)
            return true;
        var document = state.Record is { } record
            ? DocumentCodec.Read(schema, record.Record)
            : records.Read(state.Ordinal, includeVectors: false);
        return FilterEvaluator.Matches(condition.Filter, document);
    }

    private KeyState StateOf(GroupPlan group, PreparedOperation operation)
    {
        if (group.TryGetKey(operation.Key, out var state))
            return state;
        var mapped = keys.Mapped(operation.EncodedKey);
        return new KeyState(operation.EncodedKey, mapped, mapped);
    }

    private struct Tally
    {
        public int Inserted;
        public int Updated;
        public int Deleted;
        public int NotFound;
    }
}
