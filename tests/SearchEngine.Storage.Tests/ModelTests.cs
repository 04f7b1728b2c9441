using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class ModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_operations_agree_with_a_dictionary_through_reopening(int seed)
    {
        using var directory = new TemporaryDirectory();
        seed = TestSeed.Get(seed);
        var random = new Random(seed);
        var model = new Dictionary<int, byte[]>();
        var database = TestDatabase.Open(directory.FullPath);
        try
        {
            for (var step = 0; step < 400; step++)
            {
                var key = random.Next(60);
                switch (random.Next(40))
                {
                    case < 22:
                        var value = new byte[random.Next(12) == 0 ? random.Next(70_000) : random.Next(3000)];
                        random.NextBytes(value);
                        database.Write(key, value);
                        model[key] = value;
                        break;
                    case < 28:
                        database.Write(key, null);
                        model.Remove(key);
                        break;
                    case < 33:
                        Assert.Equal(model.GetValueOrDefault(key), database.Read(key));
                        break;
                    case < 35:
                        await database.CheckpointAsync();
                        break;
                    case 35:
                        database.Records.Compact(default);
                        break;
                    case 36:
                        database.Records.CompactFirst(random.Next(1, 300_000), default);
                        break;
                    case 37:
                        Check(database, model, seed, step);
                        break;
                    case 38:
                        database.Dispose();
                        database = TestDatabase.Open(directory.FullPath);
                        break;
                    default:
                        database.Abandon();
                        database = TestDatabase.Open(directory.FullPath);
                        Check(database, model, seed, step);
                        break;
                }
            }

            Check(database, model, seed, -1);
        }
        finally
        {
            database.Dispose();
        }
    }

    private static void Check(TestDatabase database, Dictionary<int, byte[]> model, int seed, int step)
    {
        var all = database.ReadAll();
        Assert.True(all.Keys.Order().SequenceEqual(model.Keys.Order()), $"other keys (seed {seed}, step {step})");
        foreach (var (key, value) in model)
            Assert.True(value.AsSpan().SequenceEqual(all[key]), $"key {key} (seed {seed}, step {step})");
    }
}
