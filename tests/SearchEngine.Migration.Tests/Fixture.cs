namespace SearchEngine.Migration.Tests;

/// <summary>Files that real tools wrote, and their rows.</summary>
internal static class Fixture
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static Task<IForeignStore> OpenAsync(string name, StoreOptions? options = null) =>
        ForeignStores.OpenAsync(Path(name), options ?? new StoreOptions(), TestContext.Current.CancellationToken);

    public static async Task<List<IReadOnlyDictionary<string, object?>>> RowsAsync(IForeignStore store)
    {
        var rows = new List<IReadOnlyDictionary<string, object?>>();
        await foreach (var row in store.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(row.Values);
        return rows;
    }

    public static Task<ImportMapping> DecideAsync(IForeignStore store, MappingOptions? options = null) =>
        ImportMapping.DecideAsync(store, options ?? new MappingOptions(), cancellationToken: TestContext.Current.CancellationToken);

    public static async Task<ImportMapping> DecideAsync(string name, MappingOptions? options = null, StoreOptions? store = null) =>
        await DecideAsync(await OpenAsync(name, store), options);
}
