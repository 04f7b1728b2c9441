using System.Text;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>Characters that differ from others by case alone.</summary>
internal static class CaseVariants
{
    private static readonly Lazy<Dictionary<int, int[]>> Table = new(Build);

    /// <summary>The other forms of each character that has any.</summary>
    public static IReadOnlyDictionary<int, int[]> All => Table.Value;

    private static Dictionary<int, int[]> Build()
    {
        Dictionary<int, List<int>> byFold = [];
        for (var code = 0; code < 0x20000; code++)
        {
            if (!Rune.TryCreate(code, out var rune))
                continue;
            var fold = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
            if (!byFold.TryGetValue(fold, out var forms))
                byFold.Add(fold, forms = []);
            forms.Add(code);
        }

        // Simple folding joins these, whose case mappings in .NET's invariant tables do not: the long s, the signs for kelvin and ångström,
        // ẞ.
        foreach (
            (var first, var second) in (ReadOnlySpan<(int, int)>)
                [('s', 0x17F), ('k', 0x212A), (0xE5, 0x212B), (0xDF, 0x1E9E), (0x3C9, 0x2126), (0xB5, 0x3BC)]
        )
        {
            var forms = byFold.Values.First(list => list.Contains(first));
            var others = byFold.Values.First(list => list.Contains(second));
            if (ReferenceEquals(forms, others))
                continue;
            forms.AddRange(others);
            others.Clear();
        }
        return byFold
            .Values.Where(forms => forms.Count > 1)
            .SelectMany(forms => forms.Select(code => (code, others: forms.Where(other => other != code).ToArray())))
            .ToDictionary(item => item.code, item => item.others);
    }
}
