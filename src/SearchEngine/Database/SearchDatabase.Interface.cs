namespace SearchEngine;

/// <content>The database as <see cref="ISearchDatabase"/>.</content>
public sealed partial class SearchDatabase : ISearchDatabase
{
    string ISearchDatabase.Location => Options.Directory;

    EmbedderOptions? ISearchDatabase.Embedder => Options.Embedder;

    Task<IReadOnlyList<string>> ISearchDatabase.ListCollectionsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ListCollections());

    Task<bool> ISearchDatabase.CollectionExistsAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(CollectionExists(name));

    async Task<ISearchCollection> ISearchDatabase.GetCollectionAsync(string name, CancellationToken cancellationToken) =>
        await GetCollectionAsync(name, cancellationToken).ConfigureAwait(false);

    async Task<ISearchCollection> ISearchDatabase.CreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken) =>
        await CreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);

    async Task<ISearchCollection> ISearchDatabase.GetOrCreateCollectionAsync(
        CollectionSchema schema,
        CancellationToken cancellationToken
    ) => await GetOrCreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);
}
