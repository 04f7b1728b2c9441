using Xunit;

namespace SearchEngine.Embeddings.Tests;

public class SchedulerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SmallRequestsOfManyCallersShareABatch(bool int8)
    {
        using var scratch = TextModel.Create();
        var config = DecoderConfigReader.Read(scratch.Path);
        Recorder encoder = new(
            new CpuEncoder(CpuModel.Load(ModelFolder.Read(scratch.Path), config, int8), causal: false, PoolingMode.Mean, int8)
        );
        using EmbeddingScheduler scheduler = new([encoder], batchTokens: 256);
        Random numbers = new(4);
        EncoderInput[] inputs = [.. Enumerable.Range(0, 21).Select(i => CpuEncoderTests.Input(numbers, 1 + i % 7, 100))];

        // The first request occupies the encoder; those that come meanwhile wait together.
        var first = scheduler.EncodeAsync(inputs[..1], null, CancellationToken.None);
        encoder.Started.Wait(TestContext.Current.CancellationToken);
        Task<float[][]>[] rest = [.. inputs[1..].Select(input => scheduler.EncodeAsync([input], null, CancellationToken.None))];
        encoder.MayGoOn.Set();
        await first;
        var vectors = await Task.WhenAll(rest);

        Assert.Equal([1, 20], encoder.Batches);
        for (var i = 0; i < vectors.Length; i++)
            Assert.Equal(encoder.Inner.Encode([inputs[i + 1]])[0], vectors[i][0]);
    }

    [Fact]
    public async Task OneLargeRequestIsSharedByAllEncoders()
    {
        using Barrier all = new(3);
        Meeting[] encoders = [new(all), new(all), new(all)];
        using EmbeddingScheduler scheduler = new(encoders, batchTokens: 8);
        Random numbers = new(4);
        EncoderInput[] inputs = [.. Enumerable.Range(0, 6).Select(_ => CpuEncoderTests.Input(numbers, 8, 100))];

        // Nobody gets past a batch before the others have one.
        var vectors = await scheduler.EncodeAsync(inputs, null, TestContext.Current.CancellationToken);

        Assert.Equal(inputs.Select(input => (float)input.Ids[0]), vectors.Select(vector => vector[0]));
        Assert.All(encoders, encoder => Assert.Equal(2, encoder.Batches));
    }

    /// <summary>An encoder that waits in each batch for all others.</summary>
    private sealed class Meeting(Barrier all) : TextEncoder
    {
        public int Batches { get; private set; }

        public override int Dimension => 1;

        public override int VocabularySize => 100;

        public override string Description => "meeting";

        public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
        {
            Batches++;
            all.SignalAndWait();
            var vectors = new float[batch.Length][];
            for (var i = 0; i < vectors.Length; i++)
                vectors[i] = [batch[i].Ids[0]];
            return vectors;
        }

        public override void Dispose() { }
    }

    /// <summary>A real encoder that holds its first batch until told, and counts the texts of each.</summary>
    private sealed class Recorder(CpuEncoder inner) : TextEncoder
    {
        public CpuEncoder Inner => inner;

        public ManualResetEventSlim Started { get; } = new();

        public ManualResetEventSlim MayGoOn { get; } = new();

        public List<int> Batches { get; } = [];

        public override int Dimension => inner.Dimension;

        public override int VocabularySize => inner.VocabularySize;

        public override string Description => inner.Description;

        public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
        {
            Batches.Add(batch.Length);
            Started.Set();
            MayGoOn.Wait();
            return inner.Encode(batch);
        }

        public override void Dispose() => inner.Dispose();
    }
}
