using SearchEngine.Moments;
using SearchEngine.Tests.Reading;
using Xunit;

namespace SearchEngine.Tests.Maintenance;

/// <summary>Each view is put out of step with the others, one at a time: verification must name it.</summary>
public sealed class CollectionVerifierTests
{
    private const int Ordinal = 2;

    public static TheoryData<string, string> Damages =>
        new()
        {
            { "record", "records: 5 records are live, 4 are stored" },
            { "key lost", "key map: 4 keys for 5 live records" },
            { "key astray", "records: record 2 has key '2', which maps to 4" },
            { "key of the dead", "key map: key '77' maps to ordinal 99, which is not live" },
            { "vector lost", "vectors of 'vector': 4 vectors are stored, 5 indexed" },
            { "index", "vectors of 'vector': the vector of ordinal 2 is stored but not indexed" },
            { "keyword", "keyword index: 4 documents are indexed, 5 records are live" },
            { "bitmap", "records: record 2 is stored but not live" },
        };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_view_out_of_step_is_named(string damage, string expected)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync([.. Enumerable.Range(0, 5).Select(key => SmallCollection.Record(key))], cancellation);
        await small.Collection.CheckpointAsync(cancellation);
        var verifier = small.Engine.Verifier;
        Assert.Empty((await verifier.RunAsync(null, cancellation)).Problems);
        Break(small.Engine, damage);
        var report = await verifier.RunAsync(null, cancellation);
        Assert.Contains(expected, report.Problems);
    }

    private static void Break(CollectionEngine engine, string damage)
    {
        var vector = engine.Parts.Vectors[0];
        switch (damage)
        {
            case "record":
                engine.Parts.Records.Delete(RecordSpaces.Record, [0, 0, 0, Ordinal]);
                break;
            case "key lost":
                engine.Keys.Map(RecordKey.From(Ordinal).Encode(), -1);
                break;
            case "key astray":
                engine.Keys.Map(RecordKey.From(Ordinal).Encode(), 4);
                break;
            case "key of the dead":
                engine.Keys.Map(RecordKey.From(77).Encode(), 99);
                break;
            case "vector lost":
                vector.Erase(Ordinal);
                break;
            case "index":
                vector.Index.Remove(Ordinal);
                break;
            case "keyword":
                engine.Lexical!.Delete([Ordinal]);
                break;
            case "bitmap":
                var live = new LiveSnapshotBuilder(engine.Timeline.Current.Live);
                live.Remove(Ordinal);
                engine.Timeline.Reset(live.Build());
                break;
            default:
                throw new ArgumentException(damage);
        }
    }
}
