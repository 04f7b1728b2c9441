using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// What one side of a comparison stands for: a stored value (a property's, a list element's, or the length of one) and what the lambda does
/// to it before it compares. Immutable.
/// </summary>
/// <param name="Field">The engine's field, the key or the element.</param>
/// <param name="Name">What messages call it.</param>
/// <param name="Source">The .NET type of the stored value, without Nullable.</param>
/// <param name="Type">The .NET type of what is compared, without Nullable.</param>
internal sealed record FilterOperand(string Field, string Name, Type Source, Type Type)
{
    /// <summary>Whether the lambda has it as an object: it can be unboxed only as what it is, and equals only values of its type.</summary>
    public bool IsBoxed { get; init; }

    /// <summary>Whether what is compared is the number of elements or characters.</summary>
    public bool IsLength { get; init; }

    /// <summary>From the stored value to what is compared; null where they are the same. Keeps the order of the values.</summary>
    public Func<object, object>? Map { get; init; }

    /// <summary>What stands in for an absent value (<c>??</c>, <c>GetValueOrDefault</c>), as it is compared; null where nothing does.</summary>
    public object? Default { get; init; }

    /// <summary>Whether the stored value is a list; its elements have the field type.</summary>
    public bool IsList => !IsLength && DataTypes.GetElementType(Source) is not null;

    /// <summary>The operand of a property of the record.</summary>
    /// <exception cref="NotSupportedException">It is a vector.</exception>
    public static FilterOperand Of(PropertyModel property, bool isBoxed)
    {
        var type = Nullable.GetUnderlyingType(property.Type) ?? property.Type;
        var field = property switch
        {
            KeyPropertyModel => DocumentFilter.KeyField,
            DataPropertyModel => property.StorageName,
            _ => throw new NotSupportedException($"'{property.ModelName}' is a vector property; filters look at keys and data."),
        };
        return new FilterOperand(field, $"property '{property.ModelName}'", type, type) { IsBoxed = isBoxed };
    }

    /// <summary>The operand of the elements of a list.</summary>
    public static FilterOperand OfElement(FilterOperand list)
    {
        var element = DataTypes.GetElementType(list.Source)!;
        var type = Nullable.GetUnderlyingType(element) ?? element;
        return new FilterOperand(DocumentFilter.ElementField, $"an element of {list.Name}", type, type);
    }

    /// <summary>The operand after one more map.</summary>
    public FilterOperand Then(Func<object, object> map, Type type) =>
        this with
        {
            Type = type,
            Map = Map is { } before ? v => map(before(v)) : map,
            Default = Default is null ? null : map(Default),
        };
}
