namespace SearchEngine.CrashHarness;

/// <summary>Makes collections and keeps them open until there are enough or the database refuses one.</summary>
internal static class ManyCollections
{
    /// <summary>
    /// 0 where all were made, 2 where one was refused by the database's own exception, which is printed; anything else throws.
    /// </summary>
    public static async Task<int> RunAsync(string directory, int count)
    {
        await using var database = await SearchDatabase.OpenAsync(CrashModel.Options(directory));
        for (var made = 0; made < count; made++)
        {
            try
            {
                var collection = await database.CreateCollectionAsync(CrashModel.Schema with { Name = $"c{made}" });
                await collection.UpsertAsync(CrashModel.Record("0-0", 1));
            }
            catch (SearchDatabaseException e)
            {
                Console.WriteLine($"{made} made, {Descriptors()} descriptors: {e.Error}: {e.Message}");
                return 2;
            }
        }

        Console.WriteLine($"{count} made, {Descriptors()} descriptors");
        return 0;
    }

    private static int Descriptors() => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : -1;
}
