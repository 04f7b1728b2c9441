using System.Globalization;
using System.Text;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>
/// Reads a regular expression in the syntax that the tokenizers library gives to Oniguruma (Ruby's) and writes it for .NET, with every
/// character class as a reference to a set of code points. What would mean something else in .NET is rewritten; what cannot be is
/// refused.
/// </summary>
/// <remarks>
/// Ruby's meaning: ^ and $ are line anchors always; . stops at a line feed; {,n} counts from zero; a + behind *, + or ? makes these
/// possessive, behind {n,m} it repeats; {n}? makes the whole optional; classes nest and intersect (&amp;&amp;).
/// </remarks>
internal sealed class OnigurumaParser
{
    private readonly int[] _pattern;
    private readonly List<CodePointSet> _sets = [];
    private int _at;
    private bool _ignoreCase;
    private bool _dotAll;

    private OnigurumaParser(string pattern) => _pattern = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];

    /// <summary>Marks a reference to a set in the result: this character, then one whose code is the set's number.</summary>
    public const char SetMark = '\uFFFF';

    /// <summary>Translates a pattern.</summary>
    /// <returns>The .NET pattern with references, and the sets.</returns>
    /// <exception cref="ArgumentException">The pattern is damaged or has a part that is not supported; the message names it.</exception>
    public static (string Pattern, IReadOnlyList<CodePointSet> Sets) Parse(string pattern)
    {
        OnigurumaParser parser = new(pattern);
        var result = parser.Alternatives();
        if (parser._at < parser._pattern.Length)
            throw new ArgumentException("a parenthesis is closed that was not opened.");
        return (result, parser._sets);
    }

    private bool More => _at < _pattern.Length;

    private int Peek(int ahead = 0) => _at + ahead < _pattern.Length ? _pattern[_at + ahead] : -1;

    private bool Take(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (Peek(i) != text[i])
                return false;
        }
        _at += text.Length;
        return true;
    }

    private string Reference(CodePointSet set, bool foldsCase = true)
    {
        _sets.Add(_ignoreCase && foldsCase ? set.IgnoringCase() : set);
        return $"{SetMark}{(char)(_sets.Count - 1)}";
    }

    /// <summary>Alternatives up to the closing parenthesis or the end. Options set inside end there.</summary>
    private string Alternatives()
    {
        (var ignoreCase, var dotAll) = (_ignoreCase, _dotAll);
        StringBuilder result = new();
        while (More && Peek() != ')')
        {
            if (Take("|"))
                result.Append('|');
            else
                result.Append(Quantified());
        }
        (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
        return result.ToString();
    }

    private string Quantified()
    {
        CheckFolds();
        var atom = Atom();
        var first = true;
        while (Quantifier() is (string quantifier, bool possessive, bool optional))
        {
            if (atom.Length == 0)
                throw new ArgumentException("a quantifier has nothing to repeat.");
            atom = (first ? atom : $"(?:{atom})") + quantifier;
            if (possessive)
                atom = $"(?>{atom})";
            if (optional)
                atom = $"(?:{atom})?";
            first = false;
        }
        return atom;
    }

    /// <summary>A repetition, or null. <c>Optional</c>: the whole may be missing.</summary>
    private (string Text, bool Possessive, bool Optional)? Quantifier()
    {
        var c = Peek();
        if (c is '*' or '+' or '?')
        {
            _at++;
            if (Take("+"))
                return ($"{(char)c}", true, false);
            return (Take("?") ? $"{(char)c}?" : $"{(char)c}", false, false);
        }
        var start = _at;
        if (c != '{')
            return null;
        _at++;
        var low = Number();
        var range = Take(",");
        var high = range ? Number() : low;
        if (!Take("}") || (low is null && high is null))
        {
            _at = start;
            return null; // an ordinary brace
        }
        if (high < low)
            throw new ArgumentException($"the repetition {{{low},{high}}} counts down.");
        if (!range)
            return ($"{{{low}}}", false, Take("?"));
        return ($"{{{low ?? 0},{high}}}{(Take("?") ? "?" : "")}", false, false);
    }

    private int? Number()
    {
        int start = _at,
            value = 0;
        while (Peek() is >= '0' and <= '9')
        {
            value = value * 10 + (_pattern[_at++] - '0');
            if (value > 100_000)
                throw new ArgumentException("a repetition is too large.");
        }
        return _at > start ? value : null;
    }

    private string Atom()
    {
        var c = _pattern[_at];
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                _at++;
                return Reference(Class(), foldsCase: true);
            case '.':
                _at++;
                return Reference(_dotAll ? CodePointSet.All : CodePointSet.Of('\n').Complement(), foldsCase: false);
            case '^':
                _at++;
                return $"(?:\\A|(?<={Reference(CodePointSet.Of('\n'))})(?!\\z))";
            case '$':
                _at++;
                return $"(?:\\z|(?={Reference(CodePointSet.Of('\n'))}))";
            case '*' or '+' or '?':
                throw new ArgumentException("a quantifier has nothing to repeat.");
            case '\\':
                return Escape();
            default:
                _at++;
                return Reference(CodePointSet.Of(c));
        }
    }

    private string Group()
    {
        _at++;
        foreach (var opening in (ReadOnlySpan<string>)["?:", "?=", "?!", "?<=", "?<!", "?>"])
        {
            if (Take(opening))
                return Closed($"({opening}");
        }
        if (Take("?#"))
        {
            while (More && Peek() != ')')
                _at++;
            return Close("");
        }
        if (Peek() == '?' && Peek(1) is '<' or '\'' or 'P')
        {
            while (More && Peek() is not ('>' or ')'))
                _at++;
            if (!Take(">"))
                throw new ArgumentException("a named group is not closed.");
            return Closed("(?:");
        }
        return Take("?") ? Options() : Closed("(?:");
    }

    /// <summary>(?imx-imx) up to the end of the group around it, or (?imx-imx:…).</summary>
    private string Options()
    {
        (var ignoreCase, var dotAll) = (_ignoreCase, _dotAll);
        var on = true;
        while (More && Peek() is not (')' or ':'))
        {
            var c = _pattern[_at++];
            switch (c)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoreCase = on;
                    break;
                case 'm':
                    _dotAll = on;
                    break;
                default:
                    throw new ArgumentException($"the option '{char.ConvertFromUtf32(c)}' is not supported.");
            }
        }
        if (Take(":"))
        {
            var inner = Closed("(?:");
            (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
            return inner;
        }
        // Ruby takes everything up to the end of the group, further alternatives too, into one group with the options.
        Close("");
        var rest = Alternatives();
        return $"(?:{rest})";
    }

    private string Closed(string opening) => Close(opening + Alternatives() + ")");

    private string Close(string result) => Take(")") ? result : throw new ArgumentException("a parenthesis is not closed.");

    private string Escape()
    {
        var c = Peek(1);
        if (c < 0)
            throw new ArgumentException("the expression ends in a backslash.");
        switch (c)
        {
            case 'A':
                _at += 2;
                return "\\A";
            case 'z':
                _at += 2;
                return "\\z";
            case 'Z':
                _at += 2;
                return $"(?={Reference(CodePointSet.Of('\n'))}?\\z)";
            case 'b' or 'B':
                _at += 2;
                var word = Reference(UnicodeSets.WordOutsideClass, foldsCase: false);
                var boundary = $"(?<={word})(?!{word})|(?<!{word})(?={word})";
                return c == 'b' ? $"(?:{boundary})" : $"(?!{boundary})";
            case 'R':
                _at += 2;
                return $"(?>{Reference(CodePointSet.Of('\r'))}{Reference(CodePointSet.Of('\n'))}|{Reference(CodePointSet.Of((10, 13), (0x85, 0x85), (0x2028, 0x2029)))})";
            case 'G' or 'K' or 'X' or 'y' or 'Y' or 'N' or 'O' or 'k' or 'g' or (>= '1' and <= '9'):
                throw new ArgumentException($"'\\{(char)c}' is not supported.");
            case 'w' or 'W':
                _at += 2;
                return Reference(c == 'w' ? UnicodeSets.WordOutsideClass : UnicodeSets.WordOutsideClass.Complement(), foldsCase: false);
            default:
                return Reference(EscapedSet(), foldsCase: true);
        }
    }

    /// <summary>A class or a single character after a backslash.</summary>
    private CodePointSet EscapedSet()
    {
        _at++;
        var c = _pattern[_at++];
        return c switch
        {
            'd' => UnicodeSets.Digit,
            'D' => UnicodeSets.Digit.Complement(),
            'w' => UnicodeSets.Word,
            'W' => UnicodeSets.Word.Complement(),
            's' => UnicodeSets.Space,
            'S' => UnicodeSets.Space.Complement(),
            'h' => UnicodeSets.HexDigit,
            'H' => UnicodeSets.HexDigit.Complement(),
            'p' or 'P' => Property(c == 'P'),
            't' => CodePointSet.Of('\t'),
            'n' => CodePointSet.Of('\n'),
            'r' => CodePointSet.Of('\r'),
            'f' => CodePointSet.Of('\f'),
            'v' => CodePointSet.Of('\v'),
            'a' => CodePointSet.Of('\a'),
            'e' => CodePointSet.Of('\u001b'),
            'x' => CodePointSet.Of(Take("{") ? Hexadecimal(8, closed: true) : Hexadecimal(2, closed: false)),
            'u' => CodePointSet.Of(Hexadecimal(4, closed: false)),
            '0' => CodePointSet.Of(Octal()),
            >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '1' and <= '9' => throw new ArgumentException($"'\\{(char)c}' is not supported."),
            _ => CodePointSet.Of(c),
        };
    }

    private CodePointSet Property(bool negated)
    {
        var end = Array.IndexOf(_pattern, '}', _at);
        if (!Take("{") || end < 0)
            throw new ArgumentException("a \\p has no property in braces.");
        var name = string.Concat(_pattern[_at..end].Select(char.ConvertFromUtf32));
        _at = end + 1;
        if (name.StartsWith('^'))
            (negated, name) = (!negated, name[1..]);
        var set = UnicodeSets.Property(name) ?? throw new ArgumentException($"the property '\\p{{{name}}}' is not supported.");
        return negated ? set.Complement() : set;
    }

    private int Hexadecimal(int digits, bool closed)
    {
        var start = _at;
        while (_at - start < digits && Peek() is int c && c < 128 && char.IsAsciiHexDigit((char)Math.Max(c, 0)))
            _at++;
        var text = string.Concat(_pattern[start.._at].Select(c => (char)c));
        if (
            text.Length == 0
            || (closed && !Take("}"))
            || int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is not (>= 0 and <= 0x10FFFF and int code)
        )
        {
            throw new ArgumentException("a hexadecimal escape is damaged.");
        }
        return code;
    }

    private int Octal()
    {
        var value = 0;
        for (var i = 0; i < 2 && Peek() is >= '0' and <= '7'; i++)
            value = value * 8 + (_pattern[_at++] - '0');
        return value;
    }

    /// <summary>A class behind its opening bracket, its closing one included.</summary>
    private CodePointSet Class()
    {
        var negated = Take("^");
        CodePointSet? intersection = null;
        var union = CodePointSet.Empty;
        var empty = true;
        while (true)
        {
            if (!More)
                throw new ArgumentException("a character class is not closed.");
            if (Peek() == ']' && !empty)
            {
                _at++;
                break;
            }
            if (Take("&&"))
            {
                intersection = intersection is null ? union : intersection.Intersect(union);
                union = CodePointSet.Empty;
                continue;
            }
            empty = false;
            union = union.Union(ClassItem());
        }
        var set = intersection is null ? union : intersection.Intersect(union);
        if (_ignoreCase)
            set = set.IgnoringCase();
        return negated ? set.Complement() : set;
    }

    private CodePointSet ClassItem()
    {
        if (Take("[:"))
            return PosixClass();
        if (Take("["))
            return Class();
        var first = Peek() == '\\' ? ClassEscape() : CodePointSet.Of(_pattern[_at++]);
        var single = first.Ranges is [(int from, int to)] && from == to;
        if (!single || Peek() != '-' || Peek(1) is ']' or -1 || (Peek(1) == '&' && Peek(2) == '&'))
            return first;
        _at++;
        var last =
            Peek() == '\\' ? ClassEscape()
            : Peek() == '[' ? throw new ArgumentException("a range ends in a class.")
            : CodePointSet.Of(_pattern[_at++]);
        if (last.Ranges is not [(int begin, int end)] || begin != end || end < first.Ranges[0].First)
            throw new ArgumentException("a range of a character class is empty or ends in a class.");
        return CodePointSet.Of((first.Ranges[0].First, end));
    }

    private CodePointSet ClassEscape()
    {
        if (Peek(1) == 'b')
        {
            _at += 2;
            return CodePointSet.Of('\b');
        }
        return EscapedSet();
    }

    private CodePointSet PosixClass()
    {
        var negated = Take("^");
        var start = _at;
        while (Peek() is >= 'a' and <= 'z')
            _at++;
        var name = string.Concat(_pattern[start.._at].Select(c => (char)c));
        if (!Take(":]"))
            throw new ArgumentException("a POSIX class is not closed by ':]'.");
        var set = UnicodeSets.Posix(name) ?? throw new ArgumentException($"the class '[:{name}:]' is not supported.");
        return negated ? set.Complement() : set;
    }

    /// <summary>Without case Oniguruma also takes some pairs of letters for one ("ss" for "ß"); those are refused.</summary>
    private void CheckFolds()
    {
        if (!_ignoreCase || Peek() < 0 || Peek(1) < 0 || Peek() > 127 || Peek(1) > 127)
            return;
        var pair = $"{(char)Peek()}{(char)Peek(1)}".ToLowerInvariant();
        if (pair is "ss" or "ff" or "fi" or "fl" or "st")
            throw new ArgumentException($"'{pair}' without case could also be one letter, which is not supported.");
    }
}
