using TorchSharp;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>libtorch's part in eight-bit products runs on the calling thread alone: the other cores have encoders of their own.</summary>
internal static class CpuThreads
{
    [ThreadStatic]
    private static bool _limited;

    /// <summary>
    /// Limits libtorch to the calling thread, once. The limit is the thread's; the value that new threads start with is put back.
    /// </summary>
    public static void Limit()
    {
        if (_limited)
            return;
        _limited = true;
        var threads = torch.get_num_threads();
        torch.set_num_threads(1);
        Thread restore = new(() => torch.set_num_threads(threads));
        restore.Start();
        restore.Join();
    }
}
