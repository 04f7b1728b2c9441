using Microsoft.Extensions.AI;
using SearchEngine.TestSupport;

namespace SearchEngine.Api.Tests;

/// <summary>A model that can be held up, so that a request is known to be at work.</summary>
internal sealed class WaitingEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly HashingEmbeddingGenerator _inner = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the next text waits.</summary>
    public bool Holds { get; set; }

    /// <summary>Done when a text has come that waits.</summary>
    public Task Entered => _entered.Task;

    public void Release() => _released.TrySetResult();

    public EmbedderOptions ToOptions() => new() { Generator = this, Identity = "hashing" };

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        if (Holds)
        {
            _entered.TrySetResult();
            await _released.Task.WaitAsync(cancellationToken);
        }

        return await _inner.GenerateAsync(values, options, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => _inner.GetService(serviceType, serviceKey);

    public void Dispose() => _inner.Dispose();
}
