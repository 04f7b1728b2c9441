namespace SearchEngine.SemanticKernel.Tests.Filters;

/// <summary>A record with every type of data that the connector takes, as values, as nullable values and as lists.</summary>
public sealed class FilterRow
{
    public int Id { get; set; }

    public string? Text { get; set; }

    public bool Bool { get; set; }

    public bool? Flag { get; set; }

    public byte Byte { get; set; }

    public sbyte SByte { get; set; }

    public short Short { get; set; }

    public ushort UShort { get; set; }

    public int Int { get; set; }

    public int? IntOrNull { get; set; }

    public uint UInt { get; set; }

    public long Long { get; set; }

    public long? LongOrNull { get; set; }

    public float Float { get; set; }

    public float? FloatOrNull { get; set; }

    public double Double { get; set; }

    public double? DoubleOrNull { get; set; }

    public decimal Decimal { get; set; }

    public decimal? DecimalOrNull { get; set; }

    public DateTime Time { get; set; }

    public DateTime? TimeOrNull { get; set; }

    public DateTimeOffset Offset { get; set; }

    public DateOnly Date { get; set; }

    public DateOnly? DateOrNull { get; set; }

    public TimeOnly Clock { get; set; }

    public Guid Guid { get; set; }

    public Guid? GuidOrNull { get; set; }

    public DayOfWeek Day { get; set; }

    public DayOfWeek? DayOrNull { get; set; }

    public string?[]? Tags { get; set; }

    public List<string> Words { get; set; } = [];

    public List<int>? Ints { get; set; }

    public HashSet<long> Longs { get; set; } = [];

    public float[] Floats { get; set; } = [];

    public IReadOnlyList<double> Doubles { get; set; } = [];

    public List<byte> Bytes { get; set; } = [];

    public decimal[] Decimals { get; set; } = [];

    public DateTime[] Times { get; set; } = [];

    public List<Guid> Guids { get; set; } = [];

    public DayOfWeek[] Days { get; set; } = [];

    public bool[] Bools { get; set; } = [];

    public ReadOnlyMemory<float> Vector { get; set; } = new float[] { 1, 2, 3 };
}
