using System.Text.Json;

namespace SearchEngine;

/// <summary>
/// Filters as JSON, in the one form that hosts, clients and files share; <see cref="JsonSchema"/> describes it. An object's members all
/// have to hold. A member is a field with a value to equal, with a list of which any may match, or with an object of operators; or it is
/// one of <c>$and</c>, <c>$or</c> and <c>$not</c>. The key is the field <c>$key</c>, and inside <c>$some</c> the list's element is the
/// field <c>$element</c>. <c>true</c> and <c>false</c> hold always and never.
/// Values are read as the schema's fields have them. Whatever <see cref="Write"/> writes <see cref="Read"/> reads.
/// </summary>
public static class DocumentFilterJson
{
    /// <summary>The most conditions of one filter: what people and programs write has some, an attack has many.</summary>
    public const int MaxConditions = 1_000;

    internal const string And = "$and";
    internal const string Or = "$or";
    internal const string Not = "$not";
    internal const string In = "$in";
    internal const string NotIn = "$nin";
    internal const string Any = "$any";
    internal const string Some = "$some";
    internal const string Length = "$length";
    internal const string Prefix = "$prefix";
    internal const string Suffix = "$suffix";
    internal const string Whole = "$whole";
    internal const string Contains = "$contains";
    internal const string Text = "text";
    internal const string IgnoreCase = "ignoreCase";

    internal static readonly Dictionary<string, ComparisonOperator> Comparisons = new(StringComparer.Ordinal)
    {
        ["$eq"] = ComparisonOperator.Equal,
        ["$ne"] = ComparisonOperator.NotEqual,
        ["$lt"] = ComparisonOperator.Less,
        ["$lte"] = ComparisonOperator.LessOrEqual,
        ["$gt"] = ComparisonOperator.Greater,
        ["$gte"] = ComparisonOperator.GreaterOrEqual,
    };

    internal static readonly string OperatorNames = string.Join(
        ", ",
        Comparisons.Keys.Concat([In, NotIn, Any, Some, Length, Prefix, Suffix, Whole, Contains])
    );

    /// <summary>The JSON schema (draft 2020-12) of the form.</summary>
    public static string JsonSchema { get; } = ReadSchema();

    /// <summary>Reads a filter.</summary>
    /// <exception cref="ArgumentException">It is no filter of the schema's fields; the message names the field or the operator.</exception>
    public static DocumentFilter Read(JsonElement filter, CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new FilterJsonReader(schema).Read(filter);
    }

    /// <summary>Writes a filter; its values are written as their types have it.</summary>
    public static void Write(Utf8JsonWriter json, DocumentFilter filter)
    {
        ArgumentNullException.ThrowIfNull(json);
        switch (filter)
        {
            case DocumentFilter.Constant constant:
                json.WriteBooleanValue(constant.Value);
                break;
            case DocumentFilter.Comparison comparison:
                WriteMember(json, comparison.Field, NameOf(comparison.Operator), comparison.Value);
                break;
            case DocumentFilter.In some:
                WriteMember(json, some.Field, In, some.Values);
                break;
            case DocumentFilter.ContainsAny some:
                WriteMember(json, some.Field, Any, some.Values);
                break;
            case DocumentFilter.Any some:
                json.WriteStartObject();
                json.WriteStartObject(some.Field);
                json.WritePropertyName(Some);
                Write(json, some.Condition);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case DocumentFilter.Length length:
                json.WriteStartObject();
                json.WritePropertyName(length.Field);
                WriteMember(json, Length, NameOf(length.Operator), length.Value);
                json.WriteEndObject();
                break;
            case DocumentFilter.TextMatch match:
                WriteMatch(json, match);
                break;
            case DocumentFilter.And all:
                WriteList(json, And, all.Conditions);
                break;
            case DocumentFilter.Or some:
                WriteList(json, Or, some.Conditions);
                break;
            case DocumentFilter.Not not:
                json.WriteStartObject();
                json.WritePropertyName(Not);
                Write(json, not.Condition);
                json.WriteEndObject();
                break;
            case null:
                throw new ArgumentNullException(nameof(filter));
            default:
                throw new ArgumentException($"Unknown filter {filter.GetType().Name}.");
        }
    }

    private static string NameOf(ComparisonOperator comparison) => Comparisons.First(pair => pair.Value == comparison).Key;

    private static void WriteMatch(Utf8JsonWriter json, DocumentFilter.TextMatch match)
    {
        var name = match.Prefix
            ? match.Suffix
                ? Whole
                : Prefix
            : match.Suffix
                ? Suffix
                : Contains;
        if (!match.IgnoreCase)
        {
            WriteMember(json, match.Field, name, match.Text);
            return;
        }

        json.WriteStartObject();
        json.WriteStartObject(match.Field);
        json.WriteStartObject(name);
        json.WriteString(Text, match.Text);
        json.WriteBoolean(IgnoreCase, true);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter json, string field, string name, object? value)
    {
        json.WriteStartObject();
        json.WriteStartObject(field);
        json.WritePropertyName(name);
        if (value is System.Collections.IEnumerable items and not string and not byte[])
        {
            json.WriteStartArray();
            foreach (var item in items)
                DocumentJson.WriteValue(json, item);
            json.WriteEndArray();
        }
        else
        {
            DocumentJson.WriteValue(json, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<DocumentFilter> conditions)
    {
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var condition in conditions)
            Write(json, condition);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string ReadSchema()
    {
        using var stream = typeof(DocumentFilterJson).Assembly.GetManifestResourceStream("SearchEngine.filter.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
