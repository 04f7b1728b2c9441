using TorchSharp;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Several replicas of a model share the work, as on several GPUs; here all of them are on the CPU.</summary>
public class ReplicaTests
{
    private static readonly ComputeTarget TwoReplicas = new(
        [new ComputeDevice(false, 0), new ComputeDevice(false, 0)],
        ComputeType.BFloat16,
        Int8: false
    );

    [Fact]
    public async Task ReplicasGiveTheVectorsOfOneInOrder()
    {
        using var scratch = TextModel.Create();
        var inputs = Inputs(200);
        using var one = Start(scratch, TwoReplicas with { Devices = [new ComputeDevice(false, 0)] });
        using var two = Start(scratch, TwoReplicas);
        var wanted = await one.EncodeAsync(inputs, null, CancellationToken.None);
        var actual = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => two.EncodeAsync(inputs, null, CancellationToken.None)));
        foreach (var vectors in actual)
        {
            for (var i = 0; i < inputs.Length; i++)
                Assert.InRange(System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(wanted[i], vectors[i]), 0.9999f, 1.0001f);
        }
    }

    [Fact]
    public async Task CancellationAndDisposalReachEveryReplica()
    {
        using var scratch = TextModel.Create();
        var scheduler = Start(scratch, TwoReplicas);
        var inputs = Inputs(2000);
        using CancellationTokenSource source = new();
        var cancelled = scheduler.EncodeAsync(
            inputs,
            new Recorder(done =>
            {
                if (done > 20)
                    source.Cancel();
            }),
            source.Token
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(3, (await scheduler.EncodeAsync(inputs[..3], null, CancellationToken.None)).Length);

        var open = scheduler.EncodeAsync(inputs, null, CancellationToken.None);
        scheduler.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => open);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            _ = scheduler.EncodeAsync(inputs, null, CancellationToken.None);
        });
    }

    [Fact]
    public void EncodersOfOneReplicaFreeItWithTheLast()
    {
        using var scratch = TextModel.Create();
        var model = CheckpointLoader.Load(scratch.Path, dataType: torch.ScalarType.BFloat16);
        SharedModel shared = new(model);
        TorchEncoder first = new(shared, PoolingMode.Mean),
            second = new(shared, PoolingMode.Mean);
        var batch = Inputs(3);
        var wanted = second.Encode(batch);
        first.Dispose();
        Assert.Equal(wanted, second.Encode(batch));
        second.Dispose();
        Assert.True(model.Embedding.IsInvalid);
    }

    [Theory]
    [InlineData("cuda:0,cuda:x")]
    [InlineData("cuda:0,cpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    public void ListsOfDevicesAreReadWhole(string device) =>
        Assert.Contains(
            $"'{device}'",
            Assert.Throws<ArgumentException>(() => ComputeTarget.Resolve(device, "auto")).Message,
            StringComparison.Ordinal
        );

    private static EmbeddingScheduler Start(ScratchFolder scratch, ComputeTarget target)
    {
        var folder = ModelFolder.Read(scratch.Path);
        var encoders = EncoderFactory.Load(
            folder,
            DecoderConfigReader.Read(folder.BaseFolder),
            target,
            AttentionMode.Bidirectional,
            PoolingMode.Mean,
            mergeAdapters: true
        );
        Assert.Equal(target.Devices.Count, encoders.Count);
        return new EmbeddingScheduler(encoders, batchTokens: 64);
    }

    private static EncoderInput[] Inputs(int count)
    {
        Random numbers = new(8);
        return [.. Enumerable.Range(0, count).Select(_ => CpuEncoderTests.Input(numbers, numbers.Next(1, 24), 200))];
    }

    private sealed class Recorder(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
