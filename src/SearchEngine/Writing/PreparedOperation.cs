namespace SearchEngine.Writing;

/// <summary>An operation that was checked, embedded and encoded on its caller's thread, before it meets the write loop.</summary>
internal sealed record PreparedOperation(WriteOperationKind Kind, RecordKey Key, byte[] EncodedKey)
{
    /// <summary>The encoded record (upsert), its version not yet set.</summary>
    public byte[] Record { get; init; } = [];

    /// <summary>Normalized values in the schema's order (upsert, patch).</summary>
    public object?[] Values { get; init; } = [];

    /// <summary>Vectors in the schema's order; null entries where there is none (upsert, patch).</summary>
    public float[]?[] Vectors { get; init; } = [];

    /// <summary>Which of the values and vectors a patch sets; the others are kept.</summary>
    public PatchMask? Mask { get; init; }

    /// <summary>The version that the record must have, else the batch fails; null for any.</summary>
    public RecordVersion? Expected { get; init; }

    /// <summary>Carried out only where this holds, else passed over; null for always.</summary>
    public MatchCondition? Condition { get; init; }

    public string? MetadataName { get; init; }

    public string? MetadataValue { get; init; }
}

/// <summary>What a patch sets: by position in the schema, fields and vectors.</summary>
internal sealed record PatchMask(bool[] Fields, bool[] Vectors);

/// <summary>
/// The record is still the one that was found to match, or is another one by now that matches too. The finder holds the moment in which it
/// found it, so that the ordinal names no other record.
/// </summary>
/// <param name="Ordinal">The record that was found; -1 where it is known to have been replaced since.</param>
/// <param name="Filter">The bound filter that it matched.</param>
internal sealed record MatchCondition(int Ordinal, DocumentFilter Filter);
