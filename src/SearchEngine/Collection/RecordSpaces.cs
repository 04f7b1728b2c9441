namespace SearchEngine;

/// <summary>The kinds of entries in a collection's two record stores; each key is preceded by its kind. Part of the file format.</summary>
internal static class RecordSpaces
{
    /// <summary>records store: ordinal (4 bytes, big-endian) → encoded record.</summary>
    public const byte Record = 1;

    /// <summary>records store: encoded key → ordinal (4 bytes, big-endian).</summary>
    public const byte Key = 2;

    /// <summary>records store: UTF-8 name → UTF-8 value of the collection's metadata.</summary>
    public const byte Metadata = 3;

    /// <summary>records store: piece number (4 bytes) → words of the live bitmap.</summary>
    public const byte Live = 4;

    /// <summary>Both stores: one byte of zero → log address (i64) of the last checkpoint, for verification.</summary>
    public const byte Address = 5;

    /// <summary>
    /// records store: one byte of zero → ordinals (i32 each) that were dead at the last checkpoint and may be in its images.
    /// </summary>
    public const byte Retired = 6;

    /// <summary>records store: ordinal → float32 components, one kind per vector field from here on.</summary>
    public const byte FirstVector = 32;

    /// <summary>graph store: slot (4 bytes, big-endian) → the vector index's own blob, one kind per vector field from here on.</summary>
    public const byte FirstGraph = 32;
}
