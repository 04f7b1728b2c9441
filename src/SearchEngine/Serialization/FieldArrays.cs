namespace SearchEngine;

/// <summary>Arrays of the types that fields have, by code that is compiled ahead in native programs too. Thread-safe.</summary>
internal static class FieldArrays
{
    private static readonly Dictionary<Type, Func<int, Array>> Arrays = new()
    {
        [typeof(string)] = length => new string[length],
        [typeof(bool)] = length => new bool[length],
        [typeof(byte)] = length => new byte[length],
        [typeof(short)] = length => new short[length],
        [typeof(int)] = length => new int[length],
        [typeof(long)] = length => new long[length],
        [typeof(float)] = length => new float[length],
        [typeof(double)] = length => new double[length],
        [typeof(decimal)] = length => new decimal[length],
        [typeof(DateTime)] = length => new DateTime[length],
        [typeof(DateTimeOffset)] = length => new DateTimeOffset[length],
        [typeof(DateOnly)] = length => new DateOnly[length],
        [typeof(TimeOnly)] = length => new TimeOnly[length],
        [typeof(Guid)] = length => new Guid[length],
        [typeof(byte[])] = length => new byte[length][],
    };

    /// <summary>An array of a field's type (see <see cref="FieldValues.ClrType"/>).</summary>
    public static Array New(Type element, int length) => Arrays[element](length);
}
