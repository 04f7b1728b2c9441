using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SearchEngine.SemanticKernel;

/// <summary>Collections outside the record whose Contains is asked: only those that compare elements as the engine does.</summary>
internal static class CollectionValues
{
    private static readonly string[] ComparerProperties = ["Comparer", "KeyComparer", "ValueComparer"];

    /// <summary>The elements, where the collection's Contains is known to find exactly what equals one of them.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="why">What is wrong with it.</param>
    public static bool TryRead(object? collection, [NotNullWhen(true)] out IEnumerable? values, [NotNullWhen(false)] out string? why)
    {
        (values, why) = (null, null);
        if (collection is not IEnumerable elements || collection is string)
            why = "it looks into what is no collection";
        else if (!IsPlain(collection.GetType()))
            why = $"'{collection.GetType().Name}' may find by rules of its own; give its elements as an array";
        else if (HasOwnComparer(collection))
            why = "the collection compares with a comparer of its own; filters compare ordinally";
        else
            values = elements;
        return why is null;
    }

    /// <summary>Collections of .NET itself; views (Keys of dictionaries, read-only sets) hide the comparer that they find with.</summary>
    private static bool IsPlain(Type type) =>
        HasNoComparer(type)
        || type.Namespace is { } name
            && (name.StartsWith("System.Collections", StringComparison.Ordinal) || name == "System.Linq" || name == "System")
            && !type.IsNested
            && type.Name != "ReadOnlySet`1"
        || type.IsNested && (type.DeclaringType == typeof(Enumerable) || type.DeclaringType is { Namespace: "System.Linq" })
        || type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false);

    private static bool HasNoComparer(Type type) => type.IsArray || type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>);

    private static bool HasOwnComparer(object collection)
    {
        if (HasNoComparer(collection.GetType()))
            return false;
        foreach (var name in ComparerProperties)
        {
            // Frozen sets redeclare theirs: the most derived one counts.
            var property = Array.Find(collection.GetType().GetProperties(), p => p.Name == name && p.GetIndexParameters().Length == 0);
            if (property?.GetValue(collection) is { } comparer && !IsPlainComparer(comparer))
                return true;
        }

        return false;
    }

    /// <summary>
    /// The default of a type, or ordinal. The default order of strings, which sorted sets find by, is the culture's and so is not meant.
    /// </summary>
    private static bool IsPlainComparer(object comparer)
    {
        if (ReferenceEquals(comparer, StringComparer.Ordinal) || ReferenceEquals(comparer, Comparer<string>.Default))
            return ReferenceEquals(comparer, StringComparer.Ordinal);
        foreach (var contract in comparer.GetType().GetInterfaces())
        {
            if (!contract.IsGenericType)
                continue;
            var definition = contract.GetGenericTypeDefinition();
            var holder =
                definition == typeof(IEqualityComparer<>) ? typeof(EqualityComparer<>)
                : definition == typeof(IComparer<>) ? typeof(Comparer<>)
                : null;
            var plain = holder?.MakeGenericType(contract.GetGenericArguments()).GetProperty("Default")?.GetValue(null);
            if (ReferenceEquals(comparer, plain))
                return true;
        }

        return false;
    }
}
