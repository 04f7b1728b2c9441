using System.Reflection;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel.Data;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Reads value, name and link of a record by Semantic Kernel's text search attributes. A record type without them has its one full-text
/// property as value. Immutable.
/// </summary>
internal sealed class TextSearchRecordReader
{
    private readonly PropertyInfo? _value;
    private readonly PropertyInfo? _name;
    private readonly PropertyInfo? _link;
    private readonly Type _type;

    public TextSearchRecordReader(Type type)
    {
        _type = type;
        var properties = type.GetProperties();
        _value =
            Find<TextSearchResultValueAttribute>(properties)
            ?? (
                properties.Where(p => p.GetCustomAttribute<VectorStoreDataAttribute>() is { IsFullTextIndexed: true }).ToArray()
                    is [var single]
                    ? single
                    : null
            );
        _name = Find<TextSearchResultNameAttribute>(properties);
        _link = Find<TextSearchResultLinkAttribute>(properties);
    }

    public string GetValue(object record)
    {
        if (_value is null)
        {
            throw new InvalidOperationException(
                $"Type '{_type.Name}' has no property with [{nameof(TextSearchResultValueAttribute)}]. Add it, or give mappers in the options."
            );
        }

        return _value.GetValue(record)?.ToString() ?? string.Empty;
    }

    public TextSearchResult GetResult(object record) =>
        new(GetValue(record)) { Name = _name?.GetValue(record)?.ToString(), Link = _link?.GetValue(record)?.ToString() };

    private PropertyInfo? Find<TAttribute>(PropertyInfo[] properties)
        where TAttribute : Attribute =>
        properties.Where(p => p.GetCustomAttribute<TAttribute>() is not null).ToArray() switch
        {
            [] => null,
            [var single] => single,
            _ => throw new InvalidOperationException(
                $"Type '{_type.Name}' has several properties with [{typeof(TAttribute).Name}]; only one may have it."
            ),
        };
}
