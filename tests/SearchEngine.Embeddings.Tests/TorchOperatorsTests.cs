using SearchEngine.Embeddings.Torch;
using TorchSharp;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

public sealed class TorchOperatorsTests
{
    [Fact]
    public async Task NumbersOfACallOutliveItWhileTheCollectorRuns()
    {
        var isOver = false;
        var collector = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        try
        {
            var callers = Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        using var x = torch.ones(2, 3);
                        using var weight = torch.ones(3);
                        for (var i = 0; i < 2_000; i++)
                        {
                            // Half of ones beside an epsilon of three.
                            using var normed = TorchOperators.RmsNorm(x, i % 2 == 0 ? weight : null, 3);
                            Assert.Equal([.5f, .5f, .5f, .5f, .5f, .5f], normed.data<float>().ToArray());
                        }
                    })
                );
            await Task.WhenAll(callers);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        await collector;
    }
}
