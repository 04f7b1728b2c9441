using Microsoft.Extensions.AI;

namespace SearchEngine.Embeddings;

/// <summary>What a request's <see cref="EmbeddingGenerationOptions.AdditionalProperties"/> say.</summary>
internal readonly record struct RequestProperties(EmbeddingRole Role, string? Instruction, IProgress<int>? Progress)
{
    /// <summary>Reads the properties; those that are not known belong to others and are passed over.</summary>
    /// <exception cref="ArgumentException">A known property has an impossible value.</exception>
    public static RequestProperties Read(EmbeddingGenerationOptions? options, EmbeddingRole defaultRole)
    {
        var role = defaultRole;
        string? instruction = null;
        IProgress<int>? progress = null;
        if (options?.AdditionalProperties is { } properties)
        {
            if (properties.TryGetValue("role", out var value) && value is not null)
                role = value as EmbeddingRole? ?? ParseRole(value.ToString());
            if (properties.TryGetValue("instruction", out var text) && text is not null)
            {
                instruction =
                    text as string ?? throw new ArgumentException("The additional property 'instruction' is not text.", nameof(options));
            }
            if (properties.TryGetValue("progress", out var callback) && callback is not null)
            {
                progress =
                    callback as IProgress<int>
                    ?? throw new ArgumentException("The additional property 'progress' is not an IProgress<int>.", nameof(options));
            }
        }
        return new RequestProperties(role, instruction, progress);
    }

    private static EmbeddingRole ParseRole(string? name) =>
        name?.ToLowerInvariant() switch
        {
            "query" => EmbeddingRole.Query,
            "document" => EmbeddingRole.Document,
            _ => throw new ArgumentException($"The role '{name}' is not known; known are query and document."),
        };
}
