namespace SearchEngine;

/// <summary>The type of a data field's values (of the elements, for a list field).</summary>
public enum DataFieldType : byte
{
    /// <summary>UTF-16 text; compared ordinally and case-sensitively.</summary>
    String = 1,

    /// <summary>true or false.</summary>
    Boolean = 2,

    /// <summary>8-bit unsigned integer.</summary>
    Byte = 3,

    /// <summary>16-bit integer.</summary>
    Int16 = 4,

    /// <summary>32-bit integer.</summary>
    Int32 = 5,

    /// <summary>64-bit integer.</summary>
    Int64 = 6,

    /// <summary>32-bit floating point.</summary>
    Single = 7,

    /// <summary>64-bit floating point.</summary>
    Double = 8,

    /// <summary>Exact decimal, scale kept.</summary>
    Decimal = 9,

    /// <summary>A date and time; ticks and kind kept, compared by ticks.</summary>
    DateTime = 10,

    /// <summary>A date and time with its offset; compared by the instant.</summary>
    DateTimeOffset = 11,

    /// <summary>A calendar date.</summary>
    DateOnly = 12,

    /// <summary>A time of day.</summary>
    TimeOnly = 13,

    /// <summary>A Guid.</summary>
    Guid = 14,

    /// <summary>Raw bytes; never filterable.</summary>
    Bytes = 15,
}
