namespace SearchEngine.SemanticKernel;

/// <summary>Names of the operations in traces, metrics and exceptions.</summary>
internal static class Operations
{
    public const string Open = "open";
    public const string ListCollections = "list_collections";
    public const string CollectionExists = "collection_exists";
    public const string CreateCollection = "create_collection";
    public const string DeleteCollection = "delete_collection";
    public const string Get = "get";
    public const string Query = "query";
    public const string Count = "count";
    public const string ListKeys = "list_keys";
    public const string Upsert = "upsert";
    public const string Delete = "delete";
    public const string Search = "search";
    public const string HybridSearch = "hybrid_search";
    public const string KeywordSearch = "keyword_search";
    public const string Find = "find";
    public const string Checkpoint = "checkpoint";
    public const string Snapshot = "snapshot";
    public const string Restore = "restore";
    public const string Verify = "verify";
}
