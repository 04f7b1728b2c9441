using System.Globalization;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// What C# does to a value before it is compared, where it never puts a greater value below a smaller one: the casts that compilers put in
/// and some members of dates and times. A comparison of what comes out is a range of what goes in, which <see cref="ValueDomain"/> finds.
/// </summary>
internal static class ValueMaps
{
    private static readonly Type[] Integers =
    [
        typeof(sbyte),
        typeof(byte),
        typeof(short),
        typeof(ushort),
        typeof(int),
        typeof(uint),
        typeof(long),
        typeof(ulong),
    ];

    private static readonly Dictionary<(Type Type, string Member), (Type Result, Func<object, object> Map)> Members = new()
    {
        [(typeof(DateTime), nameof(DateTime.Date))] = (typeof(DateTime), static v => ((DateTime)v).Date),
        [(typeof(DateTime), nameof(DateTime.Year))] = (typeof(int), static v => ((DateTime)v).Year),
        [(typeof(DateTime), nameof(DateTime.Ticks))] = (typeof(long), static v => ((DateTime)v).Ticks),
        [(typeof(DateTimeOffset), nameof(DateTimeOffset.UtcDateTime))] = (typeof(DateTime), static v => ((DateTimeOffset)v).UtcDateTime),
        [(typeof(DateTimeOffset), nameof(DateTimeOffset.UtcTicks))] = (typeof(long), static v => ((DateTimeOffset)v).UtcTicks),
        [(typeof(DateOnly), nameof(DateOnly.Year))] = (typeof(int), static v => ((DateOnly)v).Year),
        [(typeof(DateOnly), nameof(DateOnly.DayNumber))] = (typeof(int), static v => ((DateOnly)v).DayNumber),
        [(typeof(TimeOnly), nameof(TimeOnly.Hour))] = (typeof(int), static v => ((TimeOnly)v).Hour),
        [(typeof(TimeOnly), nameof(TimeOnly.Ticks))] = (typeof(long), static v => ((TimeOnly)v).Ticks),
    };

    /// <summary>
    /// The cast of one number type to another, where it keeps the order: every implicit one of C#, and double to float. The others cut off,
    /// wrap around or throw.
    /// </summary>
    public static Func<object, object>? Cast(Type from, Type to)
    {
        if (from == typeof(double) && to == typeof(float))
            return static v => (float)(double)v;
        if (from == typeof(float) && to == typeof(double))
            return static v => (double)(float)v;
        var source = Array.IndexOf(Integers, from);
        if (source < 0)
            return null;
        var target = Array.IndexOf(Integers, to);

        // Signed and unsigned take turns: a signed number fits wider signed ones, an unsigned one everything that is wider.
        var isWider = target > source && (source % 2 == 1 || target % 2 == 0);
        return isWider || from != typeof(ulong) && (to == typeof(float) || to == typeof(double) || to == typeof(decimal))
            ? v => Convert.ChangeType(v, to, CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>A member that keeps the order of the values of its type, as a map.</summary>
    public static (Type Result, Func<object, object> Map)? Member(Type type, string name) =>
        Members.TryGetValue((type, name), out var found) ? found : null;
}
