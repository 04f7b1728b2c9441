using Microsoft.Extensions.VectorData;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// A collection whose records are dictionaries of property name to value; its <see cref="VectorStoreCollectionDefinition"/> says which
/// there are.
/// </summary>
public sealed class SearchEngineDynamicCollection : SearchEngineCollection<object, Dictionary<string, object?>>
{
    /// <summary>Makes a collection of the database in the directory. The options must have a definition.</summary>
    public SearchEngineDynamicCollection(string directory, string name, SearchEngineCollectionOptions options)
        : base(directory, name, options ?? throw new ArgumentNullException(nameof(options))) { }

    /// <summary>Makes a collection of an open database, which stays the caller's. The options must have a definition.</summary>
    public SearchEngineDynamicCollection(ISearchDatabase database, string name, SearchEngineCollectionOptions options)
        : base(database, name, options ?? throw new ArgumentNullException(nameof(options))) { }

    internal SearchEngineDynamicCollection(OperationRunner runner, string name, SearchEngineCollectionOptions options)
        : base(runner, name, options) { }
}
