namespace SearchEngine.Migration;

/// <summary>What is known of a column's lists of numbers.</summary>
internal sealed class VectorSurvey
{
    public long Count { get; private set; }

    public int Shortest { get; private set; } = int.MaxValue;

    public int Longest { get; private set; }

    /// <summary>Where the lengths first differ.</summary>
    public string? Odd { get; private set; }

    /// <summary>The first vector with a component that is no finite number.</summary>
    public string? NotFinite { get; private set; }

    /// <summary>The first vector of zeros alone, which has no direction.</summary>
    public string? Zero { get; private set; }

    public void Take(ReadOnlySpan<float> vector, string place)
    {
        if (Count > 0 && vector.Length != Shortest)
            Odd ??= place;
        Count++;
        Shortest = Math.Min(Shortest, vector.Length);
        Longest = Math.Max(Longest, vector.Length);
        var isZero = true;
        foreach (var component in vector)
        {
            if (!float.IsFinite(component))
                NotFinite ??= place;
            isZero &= component == 0;
        }
        if (isZero)
            Zero ??= place;
    }
}
