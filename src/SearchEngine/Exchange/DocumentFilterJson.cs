using System.Text.Json;

namespace SearchEngine;

/// <summary>
/// Filters as JSON, in the one form that hosts, clients and files share; <see cref="JsonSchema"/> describes it. An object's members all
/// have to hold. A member is a field with a value to equal, with a list of which any may match, or with an object of operators; or it is
/// one of <c>$and</c>, <c>$or</c> and <c>$not</c>. The key is the field <c>$key</c>. <c>true</c> and <c>false</c> hold always and never.
/// Values are read as the schema's fields have them. Whatever <see cref="Write"/> writes <see cref="Read"/> reads.
/// </summary>
public static class DocumentFilterJson
{
    /// <summary>The most conditions of one filter: what people and programs write has some, an attack has many.</summary>
    public const int MaxConditions = 1_000;

    private const string And = "$and";
    private const string Or = "$or";
    private const string Not = "$not";
    private const string In = "$in";
    private const string NotIn = "$nin";
    private const string Any = "$any";
    private const string Prefix = "$prefix";
    private const string Contains = "$contains";

    private static readonly Dictionary<string, ComparisonOperator> Comparisons = new(StringComparer.Ordinal)
    {
        ["$eq"] = ComparisonOperator.Equal,
        ["$ne"] = ComparisonOperator.NotEqual,
        ["$lt"] = ComparisonOperator.Less,
        ["$lte"] = ComparisonOperator.LessOrEqual,
        ["$gt"] = ComparisonOperator.Greater,
        ["$gte"] = ComparisonOperator.GreaterOrEqual,
    };

    private static readonly string OperatorNames = string.Join(", ", Comparisons.Keys.Concat([In, NotIn, Any, Prefix, Contains]));

    /// <summary>The JSON schema (draft 2020-12) of the form.</summary>
    public static string JsonSchema { get; } = ReadSchema();

    /// <summary>Reads a filter.</summary>
    /// <exception cref="ArgumentException">It is no filter of the schema's fields; the message names the field or the operator.</exception>
    public static DocumentFilter Read(JsonElement filter, CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var left = MaxConditions;
        return ReadFilter(filter, schema, ref left);
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
                WriteMember(json, comparison.Field, Comparisons.First(pair => pair.Value == comparison.Operator).Key, comparison.Value);
                break;
            case DocumentFilter.In some:
                WriteMember(json, some.Field, In, some.Values);
                break;
            case DocumentFilter.ContainsAny some:
                WriteMember(json, some.Field, Any, some.Values);
                break;
            case DocumentFilter.TextMatch match:
                WriteMember(json, match.Field, match.Prefix ? Prefix : Contains, match.Text);
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

    private static DocumentFilter ReadFilter(JsonElement filter, CollectionSchema schema, ref int left)
    {
        if (--left < 0)
            throw new ArgumentException($"A filter has at most {MaxConditions} conditions.");
        if (filter.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return new DocumentFilter.Constant(filter.GetBoolean());
        if (filter.ValueKind != JsonValueKind.Object)
            throw new ArgumentException("A filter is an object like {\"field\": value}, {\"$and\": [filters]}, or true or false.");
        var conditions = new List<DocumentFilter>();
        foreach (var member in filter.EnumerateObject())
        {
            switch (NameOf(member))
            {
                case And:
                    conditions.Add(new DocumentFilter.And(ReadList(member, schema, ref left)));
                    break;
                case Or:
                    conditions.Add(new DocumentFilter.Or(ReadList(member, schema, ref left)));
                    break;
                case Not:
                    conditions.Add(new DocumentFilter.Not(ReadFilter(member.Value, schema, ref left)));
                    break;
                case var name:
                    ReadField(member.Value, FieldOf(schema, name), conditions, ref left);
                    break;
            }
        }

        return conditions.Count == 1 ? conditions[0] : new DocumentFilter.And(conditions);
    }

    private static void ReadField(JsonElement value, DataField field, List<DocumentFilter> conditions, ref int left)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            left--;
            conditions.Add(ReadShort(value, field));
            return;
        }

        var any = false;
        foreach (var member in value.EnumerateObject())
        {
            any = true;
            if (--left < 0)
                throw new ArgumentException($"A filter has at most {MaxConditions} conditions.");
            conditions.Add(ReadOperator(NameOf(member), member.Value, field));
        }

        if (!any)
            throw new ArgumentException($"The condition on field '{field.Name}' is empty: give a value, or an operator ({OperatorNames}).");
    }

    /// <summary>A value to equal, or several of which any may match; of a list field, to be contained.</summary>
    private static DocumentFilter ReadShort(JsonElement value, DataField field)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return DocumentFilter.Equal(field.Name, null);
        var values = value.ValueKind == JsonValueKind.Array ? ReadValues(value, field) : [DocumentJson.ReadScalar(value, field)];
        if (field.IsList)
            return new DocumentFilter.ContainsAny(field.Name, values);
        return values.Length == 1 ? DocumentFilter.Equal(field.Name, values[0]) : new DocumentFilter.In(field.Name, values);
    }

    private static DocumentFilter ReadOperator(string name, JsonElement value, DataField field)
    {
        if (Comparisons.TryGetValue(name, out var comparison))
        {
            var with =
                field.IsList && comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual
                    ? DocumentJson.Read(value, field)
                    : DocumentJson.ReadScalar(value, field);
            return new DocumentFilter.Comparison(field.Name, comparison, with);
        }

        return name switch
        {
            In => new DocumentFilter.In(field.Name, ReadValues(value, field)),
            NotIn => new DocumentFilter.Not(new DocumentFilter.In(field.Name, ReadValues(value, field))),
            Any => new DocumentFilter.ContainsAny(field.Name, ReadValues(value, field)),
            Prefix or Contains => new DocumentFilter.TextMatch(field.Name, ReadText(value, name), Prefix: name == Prefix),
            _ => throw new ArgumentException($"'{name}' on field '{field.Name}' is no operator; there are {OperatorNames}."),
        };
    }

    private static object?[] ReadValues(JsonElement value, DataField field) =>
        value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => DocumentJson.ReadScalar(item, field))]
            : throw new ArgumentException($"A list of values is expected for field '{field.Name}'.");

    private static string ReadText(JsonElement value, string name) =>
        (string?)DocumentJson.ReadScalar(value, new DataField(name, DataFieldType.String))
        ?? throw new ArgumentException($"{name} takes a text.");

    private static DocumentFilter[] ReadList(JsonProperty member, CollectionSchema schema, ref int left)
    {
        if (member.Value.ValueKind != JsonValueKind.Array)
            throw new ArgumentException($"{member.Name} takes a list of filters.");
        var conditions = new List<DocumentFilter>();
        foreach (var item in member.Value.EnumerateArray())
            conditions.Add(ReadFilter(item, schema, ref left));
        return [.. conditions];
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("A field's name in a filter holds an unpaired surrogate.", e);
        }
    }

    private static DataField FieldOf(CollectionSchema schema, string name) =>
        name == DocumentFilter.KeyField
            ? FilterBinder.KeyFieldOf(schema)
            : schema.FindField(name)
                ?? throw new ArgumentException(
                    name.StartsWith('$')
                        ? $"'{name}' is no operator of filters; there are {And}, {Or}, {Not} and {DocumentFilter.KeyField}."
                        : $"Collection '{schema.Name}' has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(f => f.Name))}."
                );

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
