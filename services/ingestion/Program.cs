using Ecom.Ingestion;

var builder = WebApplication.CreateBuilder(args);
builder.AddIngestion();
var app = builder.Build();
app.MapIngestion();
await app.RunAsync();
