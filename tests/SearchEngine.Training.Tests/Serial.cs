using SearchEngine.Embeddings;

namespace SearchEngine.Training.Tests;

/// <summary>All tests of this project run one after the other: training seeds torch's one generator of the process.</summary>
[CollectionDefinition(Name)]
public sealed class Serial : ICollectionFixture<Serial.OneThread>
{
    public const string Name = "serial";

    /// <summary>The tensors of these tests are too small to share among threads, which would only wait for each other.</summary>
    public sealed class OneThread
    {
        public OneThread()
        {
            TorchRuntime.EnsureLoaded();
            TorchSharp.torch.set_num_threads(1);
        }
    }
}
