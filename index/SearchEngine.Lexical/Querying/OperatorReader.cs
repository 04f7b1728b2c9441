namespace SearchEngine.Lexical.Querying;

/// <summary>
/// Reads a text as a query language (<see cref="LexicalSyntax.Operators"/>). What makes no sense as an operator is read as words: nothing
/// is a syntax error.
/// </summary>
internal sealed class OperatorReader(string text, IReadOnlyDictionary<string, LexicalField> fields, Func<string, string, object>? readValue)
{
    private readonly List<QuerySegment> _segments = [];
    private readonly List<LexicalFilter> _filters = [];
    private int _at;

    /// <summary>The filters that the text asks for; every one must hold.</summary>
    internal IReadOnlyList<LexicalFilter> Filters => _filters;

    internal List<QuerySegment> Read()
    {
        var (isAnd, isNot) = (false, false);
        while (SkipSpace())
        {
            if (Keyword("NOT"))
            {
                isNot = true;
            }
            else if (Keyword("AND"))
            {
                (isAnd, isNot) = (true, false);
            }
            else if (Keyword("OR"))
            {
                (isAnd, isNot) = (false, false);
            }
            else
            {
                // Both sides of an AND must match.
                if (isAnd && _segments.Count > 0 && _segments[^1].Kind == ClauseKind.Optional)
                    _segments[^1] = _segments[^1] with { Kind = ClauseKind.Required };
                ReadItem(
                    isNot ? ClauseKind.Excluded
                    : isAnd ? ClauseKind.Required
                    : null
                );
                (isAnd, isNot) = (false, false);
            }
        }
        return _segments;
    }

    private bool SkipSpace()
    {
        while (_at < text.Length && (char.IsWhiteSpace(text[_at]) || text[_at] is '(' or ')'))
            _at++;
        return _at < text.Length;
    }

    private bool Keyword(string word)
    {
        if (
            string.CompareOrdinal(text, _at, word, 0, word.Length) != 0
            || _at + word.Length < text.Length && !char.IsWhiteSpace(text[_at + word.Length])
        )
        {
            return false;
        }
        _at += word.Length;
        return true;
    }

    private void ReadItem(ClauseKind? asked)
    {
        var kind = asked ?? ClauseKind.Optional;
        // A dash before a number is its sign.
        if (
            text[_at] is '+' or '-'
            && _at + 1 < text.Length
            && (char.IsLetter(text[_at + 1]) || text[_at + 1] == '"' || text[_at] == '+' && char.IsDigit(text[_at + 1]))
        )
        {
            kind = text[_at] == '+' ? ClauseKind.Required : ClauseKind.Excluded;
            _at++;
        }
        var field = ReadField();
        if (field is not null && !field.IsFullText)
        {
            AddFilter(field, kind);
            return;
        }
        var quoted = ReadQuoted();
        var words = quoted ?? ReadWord();
        if (words.Length > 0)
            _segments.Add(new QuerySegment(kind, words, quoted is not null, field?.Name));
    }

    /// <summary>A known field's name before a colon, which is passed; null where there is none.</summary>
    private LexicalField? ReadField()
    {
        var colon = _at;
        while (colon < text.Length && !char.IsWhiteSpace(text[colon]) && text[colon] is not (':' or '"'))
            colon++;
        if (colon + 1 >= text.Length || text[colon] != ':' || char.IsWhiteSpace(text[colon + 1]))
            return null;
        if (!fields.TryGetValue(text[_at..colon], out var field) || !field.IsFullText && !field.IsFilterable)
            return null;
        _at = colon + 1;
        return field;
    }

    /// <summary>The text of closed quotes; null where there are none here.</summary>
    private string? ReadQuoted()
    {
        if (_at >= text.Length || text[_at] != '"')
            return null;
        var close = text.IndexOf('"', _at + 1);
        if (close < 0)
            return null;
        var quoted = text[(_at + 1)..close];
        _at = close + 1;
        return quoted;
    }

    private string ReadWord()
    {
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && (_at == start || text[_at] is not ('"' or '(' or ')')))
            _at++;
        return text[start.._at];
    }

    private void AddFilter(LexicalField field, ClauseKind kind)
    {
        var filter = ReadRange(field) ?? ReadComparison(field);
        _filters.Add(kind == ClauseKind.Excluded ? new LexicalFilter.Not(filter) : filter);
    }

    /// <summary><c>[low TO high]</c>; a curly bracket leaves its end out, an asterisk leaves it open.</summary>
    private LexicalFilter? ReadRange(LexicalField field)
    {
        if (text[_at] is not ('[' or '{'))
            return null;
        var close = text.AsSpan(_at).IndexOfAny(']', '}');
        var ends = close < 0 ? [] : text.Substring(_at + 1, close - 1).Split(" TO ", StringSplitOptions.TrimEntries);
        if (ends.Length != 2)
            throw new ArgumentException($"A range of field '{field.Name}' is written [low TO high], with * for an open end.");
        var (includesLow, includesHigh) = (text[_at] == '[', text[_at + close] == ']');
        _at += close + 1;
        var parts = new List<LexicalFilter>();
        if (ends[0] != "*")
        {
            parts.Add(
                includesLow
                    ? new LexicalFilter.GreaterOrEqual(field.Name, Value(field, ends[0]))
                    : new LexicalFilter.Greater(field.Name, Value(field, ends[0]))
            );
        }
        if (ends[1] != "*")
        {
            parts.Add(
                includesHigh
                    ? new LexicalFilter.LessOrEqual(field.Name, Value(field, ends[1]))
                    : new LexicalFilter.Less(field.Name, Value(field, ends[1]))
            );
        }
        return parts.Count == 0 ? new LexicalFilter.Not(new LexicalFilter.IsNull(field.Name)) : new LexicalFilter.And(parts);
    }

    private LexicalFilter ReadComparison(LexicalField field)
    {
        var sign = text[_at] is '<' or '>' ? text[_at].ToString() : "";
        _at += sign.Length;
        if (sign.Length > 0 && _at < text.Length && text[_at] == '=')
        {
            sign += '=';
            _at++;
        }
        var value = Value(field, ReadQuoted() ?? ReadWord());
        return sign switch
        {
            "<" => new LexicalFilter.Less(field.Name, value),
            "<=" => new LexicalFilter.LessOrEqual(field.Name, value),
            ">" => new LexicalFilter.Greater(field.Name, value),
            ">=" => new LexicalFilter.GreaterOrEqual(field.Name, value),
            _ => field.IsList ? new LexicalFilter.Contains(field.Name, value) : new LexicalFilter.Equal(field.Name, value),
        };
    }

    private object Value(LexicalField field, string written) =>
        readValue is not null ? readValue(field.Name, written) : FieldValueReader.Read(field, written);
}
