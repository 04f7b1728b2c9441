namespace SearchEngine;

/// <summary>The type of a collection's keys; fixed when the collection is created.</summary>
public enum RecordKeyKind : byte
{
    /// <summary>A non-empty string of at most <see cref="RecordKey.MaxStringBytes"/> UTF-8 bytes.</summary>
    String = 1,

    /// <summary>A <see cref="System.Guid"/>.</summary>
    Guid = 2,

    /// <summary>A 32-bit integer.</summary>
    Int32 = 3,

    /// <summary>A 64-bit integer.</summary>
    Int64 = 4,
}
