using System.Text;
using System.Text.RegularExpressions;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>
/// A regular expression over code points with the meaning of the tokenizers library (see <see cref="OnigurumaParser"/>). .NET matches
/// UTF-16 units with classes of its own; so each text is matched in a stand-in with one char for each character, the same for all
/// characters that the expression cannot tell apart. Thread-safe.
/// </summary>
internal sealed class CodePointRegex
{
    /// <summary>Stand-ins are private-use characters from here on.</summary>
    private const char FirstStandIn = '\uE000';

    private const int MostStandIns = 0xF8FF - FirstStandIn + 1;

    /// <summary>An expression from a model folder must not hang the process.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Regex _regex;
    private readonly int[] _starts;
    private readonly char[] _standIns;
    private readonly char[] _plane = new char[0x10000];

    /// <exception cref="ArgumentException">The pattern is damaged or not supported; the message says what.</exception>
    public CodePointRegex(string pattern)
    {
        (var text, var sets) = OnigurumaParser.Parse(pattern);
        _starts =
        [
            .. sets.SelectMany(set => set.Ranges)
                .SelectMany(range => new[] { range.First, range.Last + 1 })
                .Where(code => code <= 0x10FFFF)
                .Append(0)
                .Distinct()
                .Order(),
        ];
        _standIns = new char[_starts.Length];
        Dictionary<string, char> bySignature = new(StringComparer.Ordinal);
        StringBuilder[] members = [.. sets.Select(_ => new StringBuilder())];
        var signature = new char[sets.Count];
        for (var i = 0; i < _starts.Length; i++)
        {
            for (var set = 0; set < signature.Length; set++)
                signature[set] = sets[set].Contains(_starts[i]) ? '1' : '0';
            string key = new(signature);
            if (!bySignature.TryGetValue(key, out var standIn))
            {
                if (bySignature.Count == MostStandIns)
                    throw new ArgumentException("it tells too many kinds of characters apart.", nameof(pattern));
                standIn = (char)(FirstStandIn + bySignature.Count);
                bySignature.Add(key, standIn);
                for (var set = 0; set < signature.Length; set++)
                {
                    if (signature[set] == '1')
                        members[set].Append(standIn);
                }
            }
            _standIns[i] = standIn;
            var end = i + 1 < _starts.Length ? _starts[i + 1] : 0x110000;
            if (_starts[i] < _plane.Length)
                _plane.AsSpan(_starts[i]..Math.Min(end, _plane.Length)).Fill(standIn);
        }
        _regex = new Regex(Resolve(text, members), RegexOptions.CultureInvariant | RegexOptions.Compiled, Timeout);
    }

    /// <summary>The matches from left to right as places in the text, empty ones too, but for those that touch the match before.</summary>
    public List<TextPiece> Matches(ReadOnlySpan<char> text)
    {
        var standIn = new char[text.Length];
        var places = new int[text.Length + 1];
        var count = 0;
        for (var i = 0; i < text.Length; count++)
        {
            places[count] = i;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                standIn[count] = StandIn(char.ConvertToUtf32(text[i], text[i + 1]));
                i += 2;
            }
            else
            {
                standIn[count] = _plane[char.IsSurrogate(text[i]) ? '\uFFFD' : text[i]];
                i++;
            }
        }
        places[count] = text.Length;
        List<TextPiece> matches = [];
        foreach (var match in _regex.EnumerateMatches(standIn.AsSpan(0, count)))
        {
            if (match.Length > 0 || matches.Count == 0 || places[match.Index] != matches[^1].End)
                matches.Add(new TextPiece(places[match.Index], places[match.Index + match.Length] - places[match.Index]));
        }
        return matches;
    }

    private char StandIn(int code)
    {
        var index = Array.BinarySearch(_starts, code);
        return _standIns[index >= 0 ? index : ~index - 1];
    }

    private static string Resolve(string text, StringBuilder[] members)
    {
        StringBuilder result = new();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != OnigurumaParser.SetMark)
            {
                result.Append(text[i]);
                continue;
            }
            var set = members[text[++i]];
            if (set.Length == 0)
                result.Append("(?!)");
            else
                result.Append('[').Append(set).Append(']');
        }
        return result.ToString();
    }
}
