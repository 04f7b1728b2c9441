namespace SearchEngine.Embeddings.Torch;

/// <summary>A model and the number of encoders that run it; the last one to release it disposes it.</summary>
/// <param name="model">In evaluation mode; owned from the first <see cref="AddUser"/> on.</param>
internal sealed class SharedModel(DecoderModel model)
{
    private int _users;

    public DecoderModel Model => model;

    /// <summary>One more encoder uses the model.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>One encoder less; the last disposes the model.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            model.Dispose();
    }
}
