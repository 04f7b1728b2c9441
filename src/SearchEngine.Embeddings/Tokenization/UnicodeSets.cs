using System.Collections.Concurrent;
using System.Globalization;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>The character classes of regular expressions as sets of code points, as Oniguruma defines them for Unicode.</summary>
internal static class UnicodeSets
{
    private static readonly Lazy<Dictionary<string, CodePointSet>> Tables = new(ReadTables);

    private static readonly ConcurrentDictionary<string, CodePointSet> Categories = new(StringComparer.Ordinal);

    private static readonly string[] CategoryNames =
    [
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "Mn",
        "Mc",
        "Me",
        "Nd",
        "Nl",
        "No",
        "Zs",
        "Zl",
        "Zp",
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "Cn",
    ];

    private static readonly Dictionary<string, string> LongNames = new(StringComparer.Ordinal)
    {
        ["letter"] = "L",
        ["uppercaseletter"] = "Lu",
        ["lowercaseletter"] = "Ll",
        ["titlecaseletter"] = "Lt",
        ["modifierletter"] = "Lm",
        ["otherletter"] = "Lo",
        ["mark"] = "M",
        ["nonspacingmark"] = "Mn",
        ["spacingmark"] = "Mc",
        ["enclosingmark"] = "Me",
        ["number"] = "N",
        ["decimalnumber"] = "Nd",
        ["letternumber"] = "Nl",
        ["othernumber"] = "No",
        ["separator"] = "Z",
        ["spaceseparator"] = "Zs",
        ["lineseparator"] = "Zl",
        ["paragraphseparator"] = "Zp",
        ["other"] = "C",
        ["control"] = "Cc",
        ["format"] = "Cf",
        ["surrogate"] = "Cs",
        ["privateuse"] = "Co",
        ["unassigned"] = "Cn",
        ["punctuation"] = "P",
        ["connectorpunctuation"] = "Pc",
        ["dashpunctuation"] = "Pd",
        ["openpunctuation"] = "Ps",
        ["closepunctuation"] = "Pe",
        ["initialpunctuation"] = "Pi",
        ["finalpunctuation"] = "Pf",
        ["otherpunctuation"] = "Po",
        ["symbol"] = "S",
        ["mathsymbol"] = "Sm",
        ["currencysymbol"] = "Sc",
        ["modifiersymbol"] = "Sk",
        ["othersymbol"] = "So",
    };

    /// <summary>\s: the property White_Space.</summary>
    public static CodePointSet Space { get; } =
        CodePointSet.Of(
            (9, 13),
            (0x20, 0x20),
            (0x85, 0x85),
            (0xA0, 0xA0),
            (0x1680, 0x1680),
            (0x2000, 0x200A),
            (0x2028, 0x2029),
            (0x202F, 0x202F),
            (0x205F, 0x205F),
            (0x3000, 0x3000)
        );

    /// <summary>\d</summary>
    public static CodePointSet Digit => Category("Nd")!;

    /// <summary>\w: alphabetic characters, marks, decimal digits and connectors.</summary>
    public static CodePointSet Word =>
        Categories.GetOrAdd("word", _ => Binary("Alphabetic").Union(Category("M")!).Union(Digit).Union(Category("Pc")!));

    /// <summary>
    /// \w outside of a class, and what \b looks at: below U+0100 Oniguruma then asks a table of its own, which has the superscripts and
    /// fractions too.
    /// </summary>
    public static CodePointSet WordOutsideClass =>
        Categories.GetOrAdd("wordOutsideClass", _ => Word.Union(CodePointSet.Of((0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE))));

    /// <summary>\h: hexadecimal digits.</summary>
    public static CodePointSet HexDigit { get; } = CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f'));

    /// <summary>A property in braces: a category, a script, a binary property or a POSIX class; null if it is not known.</summary>
    public static CodePointSet? Property(string name)
    {
        var key = name.Replace("_", "", StringComparison.Ordinal)
            .Replace(" ", "", StringComparison.Ordinal)
            .Replace("-", "", StringComparison.Ordinal)
            .ToLowerInvariant();
        if (key == "any")
            return CodePointSet.All;
        if (key == "assigned")
            return Category("Cn")!.Complement();
        if (LongNames.TryGetValue(key, out var category))
            return Category(category);
        if (key.Length <= 2 && Category(char.ToUpperInvariant(key[0]) + key[1..]) is CodePointSet set)
            return set;
        return Posix(key) ?? Tables.Value.GetValueOrDefault(key);
    }

    /// <summary>A POSIX class by its name between the colons; null if there is none.</summary>
    public static CodePointSet? Posix(string name) =>
        name switch
        {
            "alpha" => Binary("Alphabetic"),
            "upper" => Binary("Uppercase"),
            "lower" => Binary("Lowercase"),
            "alnum" => Binary("Alphabetic").Union(Digit),
            "digit" => Digit,
            "xdigit" => HexDigit,
            "space" => Space,
            "blank" => Category("Zs")!.Union(CodePointSet.Of('\t')),
            "cntrl" => Category("Cc")!,
            "punct" => Category("P")!.Union(Category("S")!),
            "word" => Word,
            "ascii" => CodePointSet.Of((0, 127)),
            "graph" => Space.Union(Category("Cc")!).Union(Category("Cn")!).Union(Category("Cs")!).Complement(),
            "print" => Space.Union(Category("Cc")!).Union(Category("Cn")!).Union(Category("Cs")!).Complement().Union(Category("Zs")!),
            _ => null,
        };

    /// <summary>A script by its name (Han, Latin, …).</summary>
    public static IEnumerable<(string Name, CodePointSet Set)> Scripts =>
        Tables.Value.Where(pair => pair.Key.StartsWith("script=", StringComparison.Ordinal)).Select(pair => (pair.Key[7..], pair.Value));

    /// <summary>A general category ("Lu") or a group of them ("L"); null if there is none of this name.</summary>
    public static CodePointSet? Category(string name)
    {
        if (Categories.TryGetValue(name, out var known))
            return known;
        HashSet<int> wanted =
        [
            .. Enumerable.Range(0, CategoryNames.Length).Where(i => CategoryNames[i].StartsWith(name, StringComparison.Ordinal)),
        ];
        if (name == "LC")
            wanted = [0, 1, 2];
        if (wanted.Count == 0)
            return null;
        // The names above are in the order of UnicodeCategory's values.
        return Categories.GetOrAdd(name, _ => CodePointSet.Where(code => wanted.Contains((int)CharUnicodeInfo.GetUnicodeCategory(code))));
    }

    private static CodePointSet Binary(string name) => Tables.Value[name.ToLowerInvariant()];

    private static Dictionary<string, CodePointSet> ReadTables()
    {
        using var stream =
            typeof(UnicodeSets).Assembly.GetManifestResourceStream("UnicodeProperties.txt")
            ?? throw new InvalidOperationException("The resource UnicodeProperties.txt is missing from the assembly.");
        using StreamReader reader = new(stream);
        Dictionary<string, List<(int, int)>> ranges = [];
        while (reader.ReadLine() is string line)
        {
            if (line.StartsWith('#'))
                continue;
            var fields = line.Split(' ');
            var name = fields[1].Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
            var range = (
                int.Parse(fields[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            );
            foreach (var key in fields[0] == "s" ? new[] { name, "script=" + name } : [name])
            {
                if (!ranges.TryGetValue(key, out var list))
                    ranges.Add(key, list = []);
                list.Add(range);
            }
        }
        return ranges.ToDictionary(pair => pair.Key, pair => CodePointSet.Of(pair.Value), StringComparer.Ordinal);
    }
}
