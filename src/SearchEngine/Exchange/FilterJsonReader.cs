using System.Text.Json;
using static SearchEngine.DocumentFilterJson;

namespace SearchEngine;

/// <summary>Reads one filter; see <see cref="DocumentFilterJson"/>.</summary>
internal sealed class FilterJsonReader(CollectionSchema schema)
{
    private int _left = DocumentFilterJson.MaxConditions;
    private DataField? _element;

    /// <summary>Reads a filter.</summary>
    public DocumentFilter Read(JsonElement filter)
    {
        if (--_left < 0)
            throw new ArgumentException($"A filter has at most {DocumentFilterJson.MaxConditions} conditions.");
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
                    conditions.Add(new DocumentFilter.And(ReadList(member)));
                    break;
                case Or:
                    conditions.Add(new DocumentFilter.Or(ReadList(member)));
                    break;
                case Not:
                    conditions.Add(new DocumentFilter.Not(Read(member.Value)));
                    break;
                case var name:
                    ReadField(member.Value, FieldOf(name), conditions);
                    break;
            }
        }

        return conditions.Count == 1 ? conditions[0] : new DocumentFilter.And(conditions);
    }

    private void ReadField(JsonElement value, DataField field, List<DocumentFilter> conditions)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            _left--;
            conditions.Add(ReadShort(value, field));
            return;
        }

        var any = false;
        foreach (var member in value.EnumerateObject())
        {
            any = true;
            if (--_left < 0)
                throw new ArgumentException($"A filter has at most {DocumentFilterJson.MaxConditions} conditions.");
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

    private DocumentFilter ReadOperator(string name, JsonElement value, DataField field)
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
            Some => ReadSome(value, field),
            Length => ReadLength(value, field),
            Prefix or Suffix or Whole or Contains => ReadMatch(name, value, field),
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

    private DocumentFilter[] ReadList(JsonProperty member)
    {
        if (member.Value.ValueKind != JsonValueKind.Array)
            throw new ArgumentException($"{member.Name} takes a list of filters.");
        var conditions = new List<DocumentFilter>();
        foreach (var item in member.Value.EnumerateArray())
            conditions.Add(Read(item));
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

    private DataField FieldOf(string name) =>
        name == DocumentFilter.KeyField ? FilterBinder.KeyFieldOf(schema)
        : name == DocumentFilter.ElementField && _element is not null ? _element
        : schema.FindField(name)
            ?? throw new ArgumentException(
                name.StartsWith('$')
                    ? $"'{name}' is no operator of filters; there are {And}, {Or}, {Not} and {DocumentFilter.KeyField}."
                    : $"Collection '{schema.Name}' has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(f => f.Name))}."
            );

    private DocumentFilter.Any ReadSome(JsonElement value, DataField field)
    {
        if (!field.IsList)
            throw new ArgumentException($"Field '{field.Name}' is no list, so {Some} has no elements to look at.");
        var outer = _element;
        _element = field with { Name = DocumentFilter.ElementField, IsList = false };
        var condition = Read(value);
        _element = outer;
        return new DocumentFilter.Any(field.Name, condition);
    }

    private static DocumentFilter ReadLength(JsonElement value, DataField field)
    {
        var number = new DataField(Length, DataFieldType.Int64);
        var conditions = new List<DocumentFilter>();
        if (value.ValueKind != JsonValueKind.Object)
            return new DocumentFilter.Length(field.Name, ComparisonOperator.Equal, ReadNumber(value, number));
        foreach (var member in value.EnumerateObject())
        {
            if (!Comparisons.TryGetValue(NameOf(member), out var comparison))
            {
                throw new ArgumentException(
                    $"{Length} on field '{field.Name}' takes a number, or one of {string.Join(", ", Comparisons.Keys)}."
                );
            }

            conditions.Add(new DocumentFilter.Length(field.Name, comparison, ReadNumber(member.Value, number)));
        }

        return conditions.Count == 1 ? conditions[0] : new DocumentFilter.And(conditions);
    }

    private static long ReadNumber(JsonElement value, DataField number) =>
        (long?)DocumentJson.ReadScalar(value, number) ?? throw new ArgumentException($"{number.Name} takes a number.");

    private static DocumentFilter.TextMatch ReadMatch(string name, JsonElement value, DataField field)
    {
        var ignoreCase = false;
        if (value.ValueKind == JsonValueKind.Object)
        {
            if (!value.TryGetProperty(Text, out var text))
                throw new ArgumentException($"{name} takes a text, or an object with '{Text}' and '{IgnoreCase}'.");
            ignoreCase = value.TryGetProperty(IgnoreCase, out var flag) && flag.ValueKind == JsonValueKind.True;
            value = text;
        }

        return new DocumentFilter.TextMatch(field.Name, ReadText(value, name), Prefix: name is Prefix or Whole)
        {
            Suffix = name is Suffix or Whole,
            IgnoreCase = ignoreCase,
        };
    }
}
