using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Which full-text property a search is about. Where there are several and none is named, the error says which, and what names one. (For
/// vectors the ecosystem's conformance suite prescribes the abstraction's words.)
/// </summary>
internal static class PropertyChoice
{
    /// <summary>The full-text property that is named, or the only one.</summary>
    /// <exception cref="InvalidOperationException">There are several, or none, or it is none.</exception>
    public static DataPropertyModel FullText<TRecord>(CollectionModel model, Expression<Func<TRecord, object?>>? named)
    {
        var all = model.DataProperties.Where(property => property.IsFullTextIndexed).Select(property => property.ModelName).ToList();
        if (named is not null || all.Count < 2)
            return model.GetFullTextDataPropertyOrSingle(named);
        var isDynamic = typeof(TRecord) == typeof(Dictionary<string, object?>);
        var (record, access) = isDynamic
            ? ("Dictionary<string, object?>", $"r => r[\"{all[0]}\"]")
            : (typeof(TRecord).Name, $"r => r.{all[0]}");
        throw new InvalidOperationException(
            $"There are several full-text properties ({string.Join(", ", all)}): name one in the options, AdditionalProperty = {access}, "
                + $"or search all of them with new {nameof(SearchEngineHybridSearchOptions<>)}<{record}> {{ AllTextProperties = true }}."
        );
    }
}
