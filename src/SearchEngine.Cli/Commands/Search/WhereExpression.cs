using System.Globalization;
using System.Text.RegularExpressions;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>
/// Reads <c>--where</c>: comparisons of fields (<c>= != &lt; &lt;= &gt; &gt;=</c>, <c>in (…)</c>, <c>contains</c>) joined by <c>and</c>,
/// <c>or</c>,
/// <c>not</c> and parentheses. Values are read by the type of their field; texts may stand in quotes.
/// </summary>
internal sealed partial class WhereExpression
{
    /// <summary>Parentheses and negations inside each other; the parser calls itself for each.</summary>
    private const int MaxDepth = 100;

    private readonly string _text;
    private readonly CollectionSchema _schema;
    private readonly List<string> _tokens;
    private int _at;
    private int _depth;

    private WhereExpression(string text, CollectionSchema schema)
    {
        _text = text;
        _schema = schema;
        _tokens = [.. Token().Matches(text).Select(m => m.Value)];
        if (Token().Replace(text, string.Empty).Trim() is { Length: > 0 } rest)
            throw Mistake($"'{rest}' is not understood");
    }

    /// <exception cref="HostException">The expression has a mistake; the message says which.</exception>
    public static DocumentFilter Parse(string text, CollectionSchema schema)
    {
        var expression = new WhereExpression(text, schema);
        var filter = expression.Or();
        return expression._at == expression._tokens.Count
            ? filter
            : throw expression.Mistake($"'{expression._tokens[expression._at]}' is one too many");
    }

    private DocumentFilter Or()
    {
        var conditions = new List<DocumentFilter> { And() };
        while (Take("or"))
            conditions.Add(And());
        return conditions.Count == 1 ? conditions[0] : new DocumentFilter.Or(conditions);
    }

    private DocumentFilter And()
    {
        var conditions = new List<DocumentFilter> { Condition() };
        while (Take("and"))
            conditions.Add(Condition());
        return conditions.Count == 1 ? conditions[0] : new DocumentFilter.And(conditions);
    }

    private DocumentFilter Condition()
    {
        if (++_depth > MaxDepth)
            throw Mistake("it is nested too deeply");
        try
        {
            if (Take("not"))
                return !Condition();
            if (!Take("("))
                return Comparison();
            var inner = Or();
            return Take(")") ? inner : throw Mistake("a parenthesis is not closed");
        }
        finally
        {
            _depth--;
        }
    }

    private DocumentFilter Comparison()
    {
        var name = Next("a field");
        var field =
            _schema.FindField(name)
            ?? throw Mistake($"there is no field '{name}'; it has {string.Join(", ", _schema.Fields.Select(f => f.Name))}");
        var sign = Next("a comparison").ToLowerInvariant();
        if (sign == "in")
            return new DocumentFilter.In(name, List(field));
        var value = Value(field, Next("a value"));
        return sign switch
        {
            "=" or "==" => field.IsList ? new DocumentFilter.ContainsAny(name, [value]) : DocumentFilter.Equal(name, value),
            "!=" or "<>" => field.IsList ? !new DocumentFilter.ContainsAny(name, [value]) : DocumentFilter.NotEqual(name, value),
            "<" => DocumentFilter.Less(name, Ordered(value)),
            "<=" => DocumentFilter.LessOrEqual(name, Ordered(value)),
            ">" => DocumentFilter.Greater(name, Ordered(value)),
            ">=" => DocumentFilter.GreaterOrEqual(name, Ordered(value)),
            "contains" when value is string text => field.IsList
                ? new DocumentFilter.ContainsAny(name, [text])
                : new DocumentFilter.TextMatch(name, text),
            _ => throw Mistake($"'{sign}' is no comparison; there are = != < <= > >= in contains"),
        };
    }

    private List<object?> List(DataField field)
    {
        if (!Take("("))
            throw Mistake("'in' takes values in parentheses");
        var values = new List<object?>();
        do values.Add(Value(field, Next("a value")));
        while (Take(","));
        return Take(")") ? values : throw Mistake("a parenthesis is not closed");
    }

    private object Ordered(object? value) => value ?? throw Mistake("null has no order");

    private object? Value(DataField field, string token)
    {
        var isQuoted = token.Length >= 2 && token[0] is '"' or '\'' && token[^1] == token[0];
        var text = isQuoted ? token[1..^1] : token;
        if (!isQuoted && text.Equals("null", StringComparison.OrdinalIgnoreCase))
            return null;
        var invariant = CultureInfo.InvariantCulture;
        object? value = field.Type switch
        {
            DataFieldType.String => text,
            DataFieldType.Boolean => bool.TryParse(text, out var flag) ? flag : null,
            DataFieldType.Byte or DataFieldType.Int16 or DataFieldType.Int32 or DataFieldType.Int64 => long.TryParse(
                text,
                NumberStyles.Integer,
                invariant,
                out var whole
            )
                ? whole
                : null,
            DataFieldType.Single or DataFieldType.Double => double.TryParse(text, NumberStyles.Float, invariant, out var real)
                ? real
                : null,
            DataFieldType.Decimal => decimal.TryParse(text, NumberStyles.Number, invariant, out var exact) ? exact : null,
            DataFieldType.DateTime => DateTime.TryParse(
                text,
                invariant,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
                ? time
                : null,
            DataFieldType.DateTimeOffset => DateTimeOffset.TryParse(text, invariant, DateTimeStyles.AssumeUniversal, out var instant)
                ? instant
                : null,
            DataFieldType.DateOnly => DateOnly.TryParse(text, invariant, DateTimeStyles.None, out var date) ? date : null,
            DataFieldType.TimeOnly => TimeOnly.TryParse(text, invariant, DateTimeStyles.None, out var clock) ? clock : null,
            DataFieldType.Guid => Guid.TryParse(text, out var guid) ? guid : null,
            _ => throw Mistake($"field '{field.Name}' is {field.Type}, which cannot be compared"),
        };
        return value ?? throw Mistake($"'{text}' is no {field.Type}, which field '{field.Name}' is");
    }

    private bool Take(string token)
    {
        if (_at >= _tokens.Count || !_tokens[_at].Equals(token, StringComparison.OrdinalIgnoreCase))
            return false;
        _at++;
        return true;
    }

    private string Next(string expected) => _at < _tokens.Count ? _tokens[_at++] : throw Mistake($"{expected} is missing at the end");

    private HostException Mistake(string what) => new($"--where '{_text}': {what}.");

    [GeneratedRegex("""'[^']*'|"[^"]*"|<=|>=|==|!=|<>|[=<>(),]|[^\s=<>(),!'"]+""")]
    private static partial Regex Token();
}
