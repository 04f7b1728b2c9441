using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class TelemetryTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Operations_are_traced_and_measured_by_the_conventions()
    {
        var name = "traced-" + fixture.NewName();
        var activities = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SearchEngineTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var measurements = new ConcurrentQueue<(string Instrument, double Value, string? Operation, string? Collection, string? Error)>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == SearchEngineTelemetry.MeterName)
                    l.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((i, value, tags, _) => Measure(i, value, tags));
        meters.SetMeasurementEventCallback<long>((i, value, tags, _) => Measure(i, value, tags));
        meters.Start();

        var collection = fixture.Store.GetCollection<string, Item>(name);
        await Assert.ThrowsAsync<VectorStoreException>(() => collection.GetAsync("a"));
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([Item.Make(1), Item.Make(2)]);
        await collection.SearchAsync(new float[] { 1, 2, 3 }, 5).ToListAsync();

        var own = activities.Where(a => (string?)a.GetTagItem("db.collection.name") == name).ToList();
        Assert.Equal(["get", "create_collection", "upsert", "search"], own.Select(a => (string)a.GetTagItem("db.operation.name")!));
        Assert.All(
            own,
            a =>
                Assert.Equal(
                    ("searchengine", "db", ActivityKind.Client),
                    (a.GetTagItem("db.system.name"), a.GetTagItem("db.namespace"), a.Kind)
                )
        );
        Assert.Equal($"search {name}", own[3].DisplayName);
        Assert.Equal(
            (ActivityStatusCode.Error, typeof(SearchDatabaseException).FullName),
            (own[0].Status, own[0].GetTagItem("error.type"))
        );

        var mine = measurements.Where(m => m.Collection == name).ToList();
        Assert.Equal(4, mine.Count(m => m.Instrument == "db.client.operation.duration"));
        Assert.Equal(typeof(SearchDatabaseException).FullName, mine.Single(m => m.Operation == "get").Error);
        Assert.Equal(2, mine.Single(m => m.Instrument == "db.client.response.returned_rows").Value);

        void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string? operation = null,
                collectionName = null,
                error = null;
            foreach (var (key, tag) in tags)
            {
                if (key == "db.operation.name")
                    operation = (string?)tag;
                else if (key == "db.collection.name")
                    collectionName = (string?)tag;
                else if (key == "error.type")
                    error = (string?)tag;
            }

            measurements.Enqueue((instrument.Name, value, operation, collectionName, error));
        }
    }
}
