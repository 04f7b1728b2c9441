namespace SearchEngine.Embeddings.Tokenization;

/// <summary>A set of Unicode code points as ranges in order. Immutable and thread-safe.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;

    private readonly (int First, int Last)[] _ranges;

    private CodePointSet(IEnumerable<(int First, int Last)> ranges)
    {
        List<(int First, int Last)> merged = [];
        foreach ((var first, var last) in ranges.OrderBy(range => range.First))
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else
                merged.Add((first, last));
        }
        _ranges = [.. merged];
    }

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = new([(0, Last)]);

    /// <summary>The ranges, in order, none touching another.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges) => new(ranges);

    public static CodePointSet Of(int code) => new([(code, code)]);

    /// <summary>All code points for which the test is true.</summary>
    public static CodePointSet Where(Func<int, bool> test)
    {
        List<(int, int)> ranges = [];
        var first = -1;
        for (var code = 0; code <= Last + 1; code++)
        {
            var inside = code <= Last && test(code);
            if (inside && first < 0)
                first = code;
            if (!inside && first >= 0)
            {
                ranges.Add((first, code - 1));
                first = -1;
            }
        }
        return new CodePointSet(ranges);
    }

    public bool Contains(int code)
    {
        int low = 0,
            high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (code < _ranges[middle].First)
                high = middle - 1;
            else if (code > _ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }
        return false;
    }

    public CodePointSet Union(CodePointSet other) => new(_ranges.Concat(other._ranges));

    public CodePointSet Complement()
    {
        List<(int, int)> rest = [];
        var next = 0;
        foreach ((var first, var last) in _ranges)
        {
            if (first > next)
                rest.Add((next, first - 1));
            next = last + 1;
        }
        if (next <= Last)
            rest.Add((next, Last));
        return new CodePointSet(rest);
    }

    public CodePointSet Intersect(CodePointSet other) => Complement().Union(other.Complement()).Complement();

    /// <summary>The set with every character that differs from one of its own by case alone (simple folding).</summary>
    public CodePointSet IgnoringCase()
    {
        List<(int, int)> ranges = [.. _ranges];
        foreach ((var code, var others) in CaseVariants.All)
        {
            if (Contains(code))
                ranges.AddRange(others.Select(other => (other, other)));
        }
        return new CodePointSet(ranges);
    }
}
