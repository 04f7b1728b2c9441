using SearchEngine.DatabaseComparison.Data;

namespace SearchEngine.DatabaseComparison.Contenders;

/// <summary>A database under comparison. Every search gives ten hits with their texts.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>How many settings of increasing recall there are.</summary>
    int Efforts { get; }

    /// <summary>Makes the database with its indexes.</summary>
    Task IngestAsync(DataSet data);

    Task OpenAsync();

    /// <param name="vector">What is near; null without.</param>
    /// <param name="text">Which words; null without.</param>
    /// <param name="below">Only records whose number to filter by is less.</param>
    /// <param name="effort">Which setting.</param>
    /// <param name="reader">Which of the concurrent readers asks.</param>
    Task<int[]> SearchAsync(ReadOnlyMemory<float>? vector, string? text, int? below, int effort, int reader);

    /// <summary>Writes records durably.</summary>
    Task WriteAsync(DataSet data, int from, int count);

    /// <summary>Deletes records durably.</summary>
    Task DeleteAsync(int from, int count);
}
